// Exceptions in 64-bit mode: vectors, error codes, saved state, double faults, debug traps, IST, NMI.
#include "guest.h"

static u8 ist_stack[3][4096] __attribute__((aligned(16)));
static u32 zero;

static void divide(word a) { asm volatile("xor %%edx,%%edx; mov $1,%%eax; divl %0" : : "m"(zero) : "eax", "edx"); }
static void divide_overflow(word a) { asm volatile("mov $2,%%edx; xor %%eax,%%eax; mov $1,%%ecx; div %%ecx" : : : "eax", "ecx", "edx"); }
static void breakpoint(word a) { asm volatile("int3"); }
static void interrupt_one(word a) { asm volatile(".byte 0xf1"); }
static void undefined(word a) { asm volatile("ud2"); }
static void locked_register(word a) { asm volatile(".byte 0xf0,0x90"); }
static void no_device(word a) { WRITE_CR(0, READ_CR(0) | 8); asm volatile("fninit"); }
static void load_ds(word a) { asm volatile("mov %0,%%ds" : : "r"((u32)a)); }
static void load_ss(word a) { asm volatile("mov %0,%%ss" : : "r"((u32)a)); }
static void load_tr(word a) { asm volatile("ltr %w0" : : "r"((u32)a)); }
static void load_ldt(word a) { asm volatile("lldt %w0" : : "r"((u32)a)); }
static void read_at(word a) { asm volatile("mov (%0),%%al" : : "r"(a) : "al"); }
static void read_stack(word a) { asm volatile("mov %%rsp,%%rcx; mov %0,%%rsp; push %%rax; mov %%rcx,%%rsp" : : "r"(a) : "rcx", "memory"); }
static void jump_to(word a) { asm volatile("jmp *%0" : : "r"(a)); }
static void write_cr0(word a) { WRITE_CR(0, a); }
static void write_cr4(word a) { WRITE_CR(4, a); }
static void write_efer(word a) { wrmsr(0xc0000080, a); }
static void write_sysenter(word a) { wrmsr(0x176, a); }
static void read_msr(word a) { rdmsr(a); }
static void far_return(word a) { asm volatile("push %0; push $0; lretq" : : "r"(a)); }
static void software(word a) { asm volatile("int $0x30"); }
static void software_absent(word a) { asm volatile("int $0x31"); }
static void software_bad(word a) { asm volatile("int $0x32"); }
static void simd(word a) {
  u32 control = 0x1f80 & ~0x200;
  asm volatile("ldmxcsr %0; pxor %%xmm0,%%xmm0; pcmpeqd %%xmm1,%%xmm1; psrld $25,%%xmm1; pslld $23,%%xmm1;"
               "divss %%xmm0,%%xmm1" : : "m"(control));
}
static void x87(word a) {
  u16 control = 0x37f & ~4;
  asm volatile("fninit; fldcw %0; fld1; fldz; fdivrp; fwait" : : "m"(control));
}
static void step(word a) { asm volatile("pushf; orl $0x100,(%rsp); popf; nop; nop"); }
static void debug_write(word a) {
  static volatile u64 cell;
  asm volatile("mov %0,%%dr0; mov %1,%%dr7" : : "r"(&cell), "r"(0x90001ul | 0x400));
  cell = 1;
  asm volatile("nop; nop");
}
static void debug_execute(word a) {
  asm volatile("lea 1f(%%rip),%%rax; mov %%rax,%%dr0; mov %0,%%dr7; nop; 1: nop" : : "r"(0x401ul) : "rax");
}
static void debug_general(word a) { asm volatile("mov %0,%%dr7; mov %%dr0,%%rax" : : "r"(0x2400ul) : "rax"); }
static void double_fault(word a) {
  set_gate(13, 0, 0, 0, 0, 0);
  set_gate(11, 0, 0, 0, 0, 0);
  asm volatile("mov %0,%%ds" : : "r"(0x1234));
}

struct row_ { const char *name; void (*what)(word); word argument; int vector; int error; };
static const struct row_ rows[] = {
  {"divide by zero", divide, 0, 0, 0},
  {"quotient too large", divide_overflow, 0, 0, 0},
  {"int3", breakpoint, 0, 3, 0},
  {"int1", interrupt_one, 0, 1, 0},
  {"ud2", undefined, 0, 6, 0},
  {"lock without memory", locked_register, 0, 6, 0},
  {"x87 with CR0.TS", no_device, 0, 7, 0},
  {"DS beyond the GDT", load_ds, 0x5000, 13, 0x5000},
  {"DS with a code-only descriptor", load_ds, 0x50, 13, 0x50},
  {"DS not present", load_ds, 0x58, 11, 0x58},
  {"DS with the wrong RPL", load_ds, 0x13, 13, 0x10},
  {"DS in a missing LDT", load_ds, 0x0c, 13, 0x0c},
  {"SS null with RPL 3", load_ss, 3, 13, 0},
  {"SS not present", load_ss, 0x58, 12, 0x58},
  {"SS read-only", load_ss, 0x60, 13, 0x60},
  {"LTR of a code segment", load_tr, 8, 13, 8},
  {"LTR of a null selector", load_tr, 0, 13, 0},
  {"LTR of a busy TSS", load_tr, 0x28, 13, 0x28},
  {"LLDT of a data segment", load_ldt, 0x10, 13, 0x10},
  {"non-canonical read", read_at, 1ul << 63, 13, 0},
  {"non-canonical stack", read_stack, 1ul << 63, 12, 0},
  {"non-canonical jump", jump_to, 1ul << 63, 13, 0},
  {"PG without PE", write_cr0, 0x80000030, 13, 0},
  {"NW without CD", write_cr0, 0xa0010033, 13, 0},
  {"CR0 beyond 32 bits", write_cr0, 1ul << 32 | 0x80010033, 13, 0},
  {"CR4 reserved bit", write_cr4, 1ul << 31 | 0x620, 13, 0},
  {"CR4.PAE cleared in long mode", write_cr4, 0x600, 13, 0},
  {"EFER reserved bit", write_efer, 0x100501 | 2, 13, 0},
  {"EFER.LME with paging", write_efer, 0x801, 13, 0},
  {"non-canonical SYSENTER_EIP", write_sysenter, 1ul << 63, 13, 0},
  {"absent MSR", read_msr, 0x12345678, 13, 0},
  {"far return to a null selector", far_return, 0, 13, 0},
  {"far return to data", far_return, 0x10, 13, 0x10},
  {"int with a gate", software, 0, 0x30, 0},
  {"int with an absent gate", software_absent, 0, 11, 0x31 * 8 + 2},
  {"int with no gate", software_bad, 0, 13, 0x32 * 8 + 2},
  {"SIMD divide by zero", simd, 0, 19, 0},
  {"x87 divide by zero", x87, 0, 16, 0},
  {"debug register with DR7.GD", debug_general, 0, 1, 0},
};

static volatile int nmis, depth, deepest;
static int on_nmi(struct frame *f) {
  if (f->vector != 2) return 0;
  nmis++;
  if (++depth > deepest) deepest = depth;
  if (nmis == 1) {
    mmio_write(0xfee00300, 0x4400); // another one, to itself, while this one is handled
    for (volatile int i = 0; i < 1000; i++) {}
  }
  depth--;
  return 1;
}

static volatile word used_stack;
static int on_ist(struct frame *f) {
  if (f->vector == 2) return 0;
  used_stack = (word)f;
  return 0;
}

static volatile int interrupted;
static volatile word interrupted_at;
static int on_interrupt(struct frame *f) {
  if (f->vector != 0x40) return 0;
  interrupted++;
  interrupted_at = f->ip;
  mmio_write(0xfee000b0, 0);
  return 1;
}

int main(void) {
  install_traps();
  gdt[10] = 0x00af99000000ffff;       // 0x50 code, execute only
  gdt[11] = 0x00cf13000000ffff;       // 0x58 data, not present
  gdt[12] = 0x00cf91000000ffff;       // 0x60 data, read only
  set_system_descriptor(5, (word)tss, 103, 0x89);
  for (int i = 0; i < 3; i++) *(u64 *)(tss + 36 + 8 * i) = (u64)(ist_stack[i] + 4096);
  *(u64 *)(tss + 4) = (u64)(ist_stack[2] + 4096);
  load_task_register(0x28);
  set_gate(0x31, entries[0x31], 8, 0xe, 0, 0);
  set_gate(12, entries[12], 8, 0xe, 0, 3); // its cause is the stack
  asm volatile("lldt %w0" : : "r"(0));
  // make gate 0x31 not present and 0x32 no gate at all
  struct { u16 limit; u64 base; } __attribute__((packed)) idtr;
  asm volatile("sidt %0" : "=m"(idtr));
  ((u8 *)idtr.base)[0x31 * 16 + 5] &= 0x7f;
  ((u8 *)idtr.base)[0x32 * 16 + 5] = 0x85;

  for (unsigned i = 0; i < ARRAY(rows); i++) {
    word cr0 = READ_CR(0), cr4 = READ_CR(4);
    int vector = attempt(rows[i].what, rows[i].argument);
    WRITE_CR(0, cr0);
    WRITE_CR(4, cr4);
    row(rows[i].name, (u64)(u32)vector << 32 | (u32)last.error, (u64)(u32)rows[i].vector << 32 | (u32)rows[i].error);
  }

  asm volatile("mov %0,%%dr6" : : "r"(0xffff0ff0ul));
  row("single step", attempt(step, 0), 1);
  word dr6;
  asm volatile("mov %%dr6,%0; mov %1,%%dr6" : "=&r"(dr6) : "r"(0xffff0ff0ul));
  row("DR6 after a single step", dr6, 0xffff4ff0);
  row("TF is clear in the handler", last.flags & 0x100, 0x100);
  row("data breakpoint", attempt(debug_write, 0), 1);
  asm volatile("mov %%dr6,%0; mov %1,%%dr6; mov %2,%%dr7" : "=&r"(dr6) : "r"(0xffff0ff0ul), "r"(0x400ul));
  row("DR6 after a data breakpoint", dr6, 0xffff0ff1);
  row("instruction breakpoint", attempt(debug_execute, 0), 1);
  row("RF is saved as it was", last.flags >> 16 & 1, 0);
  asm volatile("mov %%dr6,%0; mov %1,%%dr6; mov %2,%%dr7" : "=&r"(dr6) : "r"(0xffff0ff0ul), "r"(0x400ul));
  row("DR6 after an instruction breakpoint", dr6, 0xffff0ff1);

  set_gate(6, entries[6], 8, 0xe, 0, 2);
  hook = on_ist;
  row("fault on an IST stack", attempt(undefined, 0), 6);
  row("other faults save RF as set", last.flags >> 16 & 1, 1);
  hook = 0;
  row("its frame is at the stack's end", used_stack, (word)ist_stack[1] + 4096 - sizeof(struct frame));
  set_gate(6, entries[6], 8, 0xe, 0, 0);

  set_gate(8, entries[8], 8, 0xe, 0, 1);
  row("double fault", attempt(double_fault, 0), 8);
  row("its error code", last.error, 0);
  install_traps();

  mmio_write(0xfee000f0, 0x1ff);
  hook = on_nmi;
  mmio_write(0xfee00310, 0);
  mmio_write(0xfee00300, 0x4400);
  for (volatile int i = 0; i < 1000; i++) {}
  hook = 0;
  row("NMIs delivered", nmis, 2);
  row("NMIs never nest", deepest, 1);

  hook = on_interrupt;
  mmio_write(0xfee00300, 0x44040);
  word after;
  asm volatile("lea 1f(%%rip),%0; sti; nop; 1: nop; cli" : "=r"(after) : : "memory");
  row("STI shadows one instruction", interrupted_at, after);
  mmio_write(0xfee00300, 0x44040);
  asm volatile("mov %%ss,%%ecx; lea 1f(%%rip),%0; pushf; orl $0x200,(%%rsp); mov %%ecx,%%ss; popf; 1: nop; cli" : "=r"(after) : : "ecx", "memory");
  row("POPF lets an interrupt in", interrupted_at, after);
  row("interrupts delivered", interrupted, 2);
  hook = 0;
  return result();
}
