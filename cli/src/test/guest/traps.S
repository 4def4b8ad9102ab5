# 256 entries into trap(), and the two halves of "run this and tell me how it ended".
#ifdef LONG
.code64
#define WORD 8
#else
.code32
#define WORD 4
#endif
.text
.altmacro
.macro entry n
entry_\n:
  .if !(\n == 8 || (\n >= 10 && \n <= 14) || \n == 17 || \n == 21)
  push $0
  .endif
  push $\n
  jmp common
.endm
.set i, 0
.rept 256
  entry %i
  .set i, i + 1
.endr

common:
#ifdef LONG
  push %rax; push %rbx; push %rcx; push %rdx; push %rsi; push %rdi; push %rbp
  push %r8; push %r9; push %r10; push %r11; push %r12; push %r13; push %r14; push %r15
  mov %rsp, %rdi
  cld
  call trap
  pop %r15; pop %r14; pop %r13; pop %r12; pop %r11; pop %r10; pop %r9; pop %r8
  pop %rbp; pop %rdi; pop %rsi; pop %rdx; pop %rcx; pop %rbx; pop %rax
  add $16, %rsp
  iretq
#else
  pusha
  push %ds; push %es; push %fs; push %gs
  mov $16, %eax
  mov %eax, %ds
  mov %eax, %es
  push %esp
  cld
  call trap
  add $4, %esp
  pop %gs; pop %fs; pop %es; pop %ds
  popa
  add $8, %esp
  iret
#endif

# int attempt_unarmed(void (*what)(long), long argument): -1, or the vector that leave() was given
.global attempt_unarmed, leave
attempt_unarmed:
#ifdef LONG
  push %rbx; push %rbp; push %r12; push %r13; push %r14; push %r15
  pushf
  mov %rsp, attempt_stack(%rip)
  mov %rdi, %rax
  mov %rsi, %rdi
  call *%rax
  mov $-1, %eax
1: mov attempt_stack(%rip), %rsp
  popf
  pop %r15; pop %r14; pop %r13; pop %r12; pop %rbp; pop %rbx
  ret
leave:
  mov %edi, %eax
  mov $16, %ecx
  mov %ecx, %ss
  mov %ecx, %ds
  mov %ecx, %es
  jmp 1b
#else
  mov 4(%esp), %eax
  mov 8(%esp), %edx
  push %ebx; push %ebp; push %esi; push %edi
  pushf
  mov %esp, attempt_stack
  push %edx
  call *%eax
  mov $-1, %eax
1: mov attempt_stack, %esp
  popf
  pop %edi; pop %esi; pop %ebp; pop %ebx
  ret
leave:
  mov 4(%esp), %eax
  mov $16, %ecx
  mov %ecx, %ss
  mov %ecx, %ds
  mov %ecx, %es
  mov %ecx, %fs
  mov %ecx, %gs
  jmp 1b
#endif

.section .rodata
.global entries
.altmacro
.macro address n
#ifdef LONG
  .quad entry_\n
#else
  .long entry_\n
#endif
.endm
entries:
.set i, 0
.rept 256
  address %i
  .set i, i + 1
.endr
.bss
.align 8
attempt_stack: .skip 8
