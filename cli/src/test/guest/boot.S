# Multiboot entry of the test guests. Built with -DLONG it goes to long mode on tables that map the
# low 4 GiB one to one; with -DLA57 as well, to 5-level paging. Then main, whose result ends the run.
.section .header,"a"
.align 4
  .long 0x1badb002, 3, -(0x1badb002 + 3)
.text
.code32
.global start
start:
  cli
  mov %ebx, multiboot_info
  mov $stack_end, %esp
#ifdef LONG
  mov $page_directories, %edi
  mov $0x83, %eax
  mov $2048, %ecx
1: mov %eax, (%edi)
  movl $0, 4(%edi)
  add $0x200000, %eax
  add $8, %edi
  loop 1b
  mov $page_directories + 3, %eax
  mov $pdpt, %edi
  mov $4, %ecx
2: mov %eax, (%edi)
  add $4096, %eax
  add $8, %edi
  loop 2b
  movl $pdpt + 3, pml4
  movl $pml4 + 7, pml5
  mov $0x620, %eax
#ifdef LA57
  or $0x1000, %eax
  mov $pml5, %ebx
#else
  mov $pml4, %ebx
#endif
  mov %eax, %cr4
  mov %ebx, %cr3
  mov $0xc0000080, %ecx
  rdmsr
  or $0x901, %eax                # LME, NXE, SCE
  wrmsr
  mov $0x80010033, %eax          # PG WP NE ET MP PE
  mov %eax, %cr0
  lgdt gdt_pointer
  ljmp $8, $long_start
.code64
long_start:
  mov $16, %eax
  mov %eax, %ds
  mov %eax, %es
  mov %eax, %ss
  mov %eax, %fs
  mov %eax, %gs
  mov $stack_end, %rsp
  call main
  mov %eax, %eax
#else
  lgdt gdt_pointer
  ljmp $8, $1f
1: mov $16, %eax
  mov %eax, %ds
  mov %eax, %es
  mov %eax, %ss
  mov %eax, %fs
  mov %eax, %gs
  call main
#endif
  mov $0xf4, %dx
  out %al, %dx
1: hlt
  jmp 1b

# Application processors start here in real mode, copied to 0x8000 by start_cpu.
.code16
.global trampoline, trampoline_end
trampoline:
  cli
  xor %ax, %ax
  mov %ax, %ds
  lgdtl 0x8000 + trampoline_gdt - trampoline
  mov %cr0, %eax
  or $1, %al
  mov %eax, %cr0
  ljmpl $8, $0x8000 + protected - trampoline
.code32
protected:
  mov $16, %eax
  mov %eax, %ds
  mov %eax, %es
  mov %eax, %ss
  mov $ap_stack_end, %esp
#ifdef LONG
  mov $0x620, %eax
  mov %eax, %cr4
  mov $pml4, %eax
  mov %eax, %cr3
  mov $0xc0000080, %ecx
  rdmsr
  or $0x901, %eax
  wrmsr
  mov $0x80010033, %eax
  mov %eax, %cr0
  lgdt gdt_pointer
  ljmp $8, $ap_long
.code64
ap_long:
  mov $16, %eax
  mov %eax, %ds
  mov %eax, %es
  mov %eax, %ss
  mov $ap_stack_end, %rsp
  call ap_main
#endif
1: hlt
  jmp 1b
.align 8
trampoline_boot_gdt: .quad 0, 0x00cf9b000000ffff, 0x00cf93000000ffff
trampoline_gdt: .word 23
  .long 0x8000 + trampoline_boot_gdt - trampoline
trampoline_end:

.data
.align 16
.global gdt, gdt_pointer
gdt:
  .quad 0
#ifdef LONG
  .quad 0x00af9b000000ffff       # 0x08 code, ring 0
#else
  .quad 0x00cf9b000000ffff
#endif
  .quad 0x00cf93000000ffff       # 0x10 data, ring 0
#ifdef LONG
  .quad 0x00affb000000ffff       # 0x18 code, ring 3
#else
  .quad 0x00cffb000000ffff
#endif
  .quad 0x00cff3000000ffff       # 0x20 data, ring 3
  .fill 59, 8, 0                 # 0x28 and on: for tests
gdt_end:
gdt_pointer: .word gdt_end - gdt - 1
#ifdef LONG
  .quad gdt
#else
  .long gdt
#endif
.global multiboot_info
multiboot_info: .long 0, 0

.bss
.align 4096
.global pml4, pml5, pdpt
pml5: .skip 4096
pml4: .skip 4096
pdpt: .skip 4096
page_directories: .skip 4 * 4096
.skip 16384
stack_end:
.skip 8192
ap_stack_end:
