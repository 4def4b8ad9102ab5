# What the vCPUs of ConvertingTd run. Each owns every n-th block of a region, and takes all its
# blocks to private and back, round after round. What it finds must be what the host, or it itself,
# left there; anything else ends with a write to port 0x81. In the other mode it only counts in
# shared pages.
#
# Parameters of vCPU n at 0x7000 + 128 n: 0 mode; 8 first block; 16 distance of blocks; 24 bytes of a
# block; 32 end of the region; 40 rounds; 48 distance of the shared alias; 56 index; 64 bytes that are
# given back at once; 72 level of the largest pages to accept.
# RBP parameters, RBX factor of the pattern, R8 first tag of the round, R9 block.

        .set    BASE, 0xfffff000
        .code32
start:  lgdtl   %cs:BASE + 0xf18
        mov     $0x1000, %eax
        mov     %eax, %cr3
        mov     %cr4, %eax
        or      $0x660, %eax
        mov     %eax, %cr4
        mov     $0x80000021, %eax
        mov     %eax, %cr0
        ljmpl   $8, $BASE + long - start

        .code64
long:   shl     $7, %esi
        lea     0x7000(%rsi), %rbp
        shl     $3, %esi
        lea     0x6400(%rsi), %rsp
        movabs  $0x9e3779b97f4a7c15, %rbx
        xor     %r8d, %r8d
        cmpq    $0, (%rbp)
        jne     count

round:  lea     take(%rip), %rsi
        call    each
        lea     keep(%rip), %rsi
        call    each
        lea     give(%rip), %rsi
        call    each
        lea     shared(%rip), %rsi
        call    each
        mov     $0x80, %r14d
        mov     %r8d, %r15d
        call    out
        add     $3, %r8
        decq    40(%rbp)
        jnz     round
done:   mov     $0x82, %r14d
        call    out
        jmp     done

# Calls RSI for each block.
each:   mov     8(%rbp), %r9
1:      call    *%rsi
        add     16(%rbp), %r9
        cmp     32(%rbp), %r9
        jb      1b
        ret

# The host's contents, then private: accepted, found zero, filled.
take:   call    alias
        mov     %r8, %r14
        call    check
        mov     %r9, %r12
        call    map
        mov     %r9, %rdi
        mov     %r9, %rdx
        add     24(%rbp), %rdx
2:      call    accept
3:      cmpq    $0, (%rdi)
        jne     fail
        add     $8, %rdi
        dec     %ecx
        jnz     3b
        cmp     %rdx, %rdi
        jb      2b
        mov     %r9, %rdi
        lea     1(%r8), %r14
        jmp     fill

# What was stored privately is there while others convert.
keep:   mov     %r9, %rdi
        lea     1(%r8), %r14
        jmp     check

# Accepts the page at RDI, the largest that may be and that there is; ECX = its words.
accept: mov     72(%rbp), %r12
        test    $0x1fffff, %edi
        jz      10f
        xor     %r12d, %r12d
10:     mov     $6, %eax
        lea     (%rdi,%r12), %rcx
        push    %rdx
        tdcall
        pop     %rdx
        test    %rax, %rax
        jz      11f
        test    %r12d, %r12d
        jz      fail
        shr     $32, %rax
        cmp     $0xc0000b0b, %eax       # TDX_PAGE_SIZE_MISMATCH
        jne     fail
        xor     %r12d, %r12d
        jmp     10b
11:     mov     $512, %ecx
        test    %r12d, %r12d
        jz      12f
        shl     $9, %ecx
12:     ret

# Shared again, piece by piece: what is still private is as it was, the host's contents are, too, and
# are replaced.
give:   push    %r9
        push    24(%rbp)
        mov     %r9, %rax
        add     24(%rbp), %rax
        push    %rax
        mov     64(%rbp), %rax
        mov     %rax, 24(%rbp)
9:      call    keep
        mov     $1, %r12d
        shl     $47, %r12
        or      %r9, %r12
        call    map
        call    alias
        mov     %r8, %r14
        call    check
        call    alias
        lea     2(%r8), %r14
        call    fill
        add     64(%rbp), %r9
        cmp     (%rsp), %r9
        jb      9b
        pop     %rax
        pop     24(%rbp)
        pop     %r9
        ret

shared: call    alias
        lea     2(%r8), %r14
        jmp     check

alias:  mov     %r9, %rdi
        add     48(%rbp), %rdi
        ret

# RAX = pattern of the block's first word under tag R14, RCX = its increment, RDX = end.
pattern:
        mov     24(%rbp), %rdx
        add     %rdi, %rdx
        movabs  $0xd1b54a32d192ed03, %rcx
        imul    %r14, %rcx
        mov     %r9, %rax
        imul    %rbx, %rax
        add     %rcx, %rax
        lea     (,%rbx,8), %rcx
        ret

fill:   call    pattern
4:      mov     %rax, (%rdi)
        add     %rcx, %rax
        add     $8, %rdi
        cmp     %rdx, %rdi
        jb      4b
        ret

check:  call    pattern
5:      cmp     %rax, (%rdi)
        jne     fail
        add     %rcx, %rax
        add     $8, %rdi
        cmp     %rdx, %rdi
        jb      5b
        ret

# TDVMCALL MapGPA of the block from R12 on, as often as the host wants it repeated.
map:    mov     24(%rbp), %r13
        lea     (%r12,%r13), %rdx
6:      xor     %r10d, %r10d
        mov     $0x10001, %r11d
        xor     %eax, %eax
        mov     $0xfc00, %ecx
        tdcall
        test    %r10, %r10
        jz      7f
        cmp     $1, %r10
        jne     fail
        mov     %r11, %r12
        mov     %rdx, %r13
        sub     %r11, %r13
        jmp     6b
7:      ret

# TDVMCALL IO: writes R15D to port R14.
out:    xor     %r10d, %r10d
        mov     $30, %r11d
        mov     $4, %r12d
        mov     $1, %r13d
        xor     %eax, %eax
        mov     $0xfc00, %ecx
        tdcall
        ret

fail:   mov     %edi, %r15d
        mov     $0x81, %r14d
        call    out
        jmp     fail

# Adds one to the vCPU's word in each shared page, round after round.
count:  mov     8(%rbp), %r9
8:      call    alias
        mov     56(%rbp), %rcx
        incq    (%rdi,%rcx,8)
        add     $4096, %r9
        cmp     32(%rbp), %r9
        jb      8b
        decq    40(%rbp)
        jnz     count
        jmp     done
