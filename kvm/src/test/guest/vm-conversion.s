# What the vCPUs of ConvertingVm run, in flat 32-bit mode. Each owns every n-th block of a region and
# takes all its blocks to private and back by hypercalls. Both sides of a page keep what was stored;
# anything else ends with a write to port 0x81.
#
# EBP parameters: 0 first block; 4 distance of blocks; 8 bytes of a block; 12 end of the region;
# 16 rounds. In each round tag 2n+1 is stored privately and 2n+2 shared.
# The stack holds the block, then the first tag of the round.

        .code32
start:  xor     %edi, %edi
round:  mov     $private, %esi
        call    each
        mov     $keep, %esi
        call    each
        mov     $shared, %esi
        call    each
        mov     $again, %esi
        call    each
        mov     $0x80, %edx
        mov     %edi, %eax
        out     %eax, %dx
        add     $2, %edi
        decl    16(%ebp)
        jnz     round
done:   mov     $0x82, %edx
        out     %eax, %dx
        jmp     done

# Calls ESI with each block in EBX.
each:   mov     (%ebp), %ebx
1:      call    *%esi
        add     4(%ebp), %ebx
        cmp     12(%ebp), %ebx
        jb      1b
        ret

private:
        mov     $16, %edx
        call    map
        test    %edi, %edi
        jz      2f
        lea     -1(%edi), %edx
        call    check
2:      lea     1(%edi), %edx
        jmp     fill

keep:   lea     1(%edi), %edx
        jmp     check

shared: call    keep
        xor     %edx, %edx
        call    map
        mov     %edi, %edx
        call    check
        lea     2(%edi), %edx
        jmp     fill

again:  lea     2(%edi), %edx
        jmp     check

# KVM_HC_MAP_GPA_RANGE of the block with attributes EDX.
map:    mov     8(%ebp), %ecx
        shr     $12, %ecx
        mov     $12, %eax
        vmcall
        test    %eax, %eax
        jnz     fail
        ret

# EAX = pattern of the block's first word under tag EDX; EDX = end.
pattern:
        imul    $0x2c1b3c6d, %edx, %edx
        imul    $0x9e3779b1, %ebx, %eax
        add     %edx, %eax
        mov     %ebx, %ecx
        mov     8(%ebp), %edx
        add     %ebx, %edx
        ret

fill:   call    pattern
3:      mov     %eax, (%ecx)
        add     $4 * 0x9e3779b1 & 0xffffffff, %eax
        add     $4, %ecx
        cmp     %edx, %ecx
        jb      3b
        ret

check:  call    pattern
4:      cmp     %eax, (%ecx)
        jne     fail
        add     $4 * 0x9e3779b1 & 0xffffffff, %eax
        add     $4, %ecx
        cmp     %edx, %ecx
        jb      4b
        ret

fail:   mov     $0x81, %edx
        mov     %ecx, %eax
        out     %eax, %dx
        jmp     fail
