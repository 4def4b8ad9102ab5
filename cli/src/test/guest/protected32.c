// 32-bit protected mode: segment limits and types, privilege, call gates, task switches, virtual-8086
// mode, and paging with 32-bit and PAE entries.
#include "guest.h"

struct tss32 {
  u32 link, esp0, ss0, esp1, ss1, esp2, ss2, cr3, eip, eflags, eax, ecx, edx, ebx, esp, ebp, esi, edi;
  u32 es, cs, ss, ds, fs, gs, ldt;
  u16 trap, iomap;
};
static struct tss32 *const main_tss = (struct tss32 *)tss;
static struct tss32 other_tss __attribute__((aligned(128)));
static u8 stacks[4][4096] __attribute__((aligned(16)));
static u8 window[4096] __attribute__((aligned(4096)));
static volatile u32 mark;

static void segment(int index, u32 base, u32 limit, int access, int flags) {
  set_system_descriptor(index, base, limit, access);
  gdt[index] |= (u64)flags << 52;
}

static void read_es(word offset) { asm volatile("mov $0x43,%%eax; mov %%eax,%%es; mov %%es:(%0),%%al" : : "r"(offset) : "eax"); }
static void read4_es(word offset) { asm volatile("mov $0x43,%%eax; mov %%eax,%%es; mov %%es:(%0),%%eax" : : "r"(offset) : "eax"); }
static void write_es(word offset) { asm volatile("mov $0x43,%%eax; mov %%eax,%%es; movb $1,%%es:(%0)" : : "r"(offset) : "eax"); }
static void read_null(word s) { asm volatile("mov %0,%%es; mov %%es:0,%%al" : : "r"(s) : "eax"); }
static void write_cs(word a) { asm volatile("movb $1,%%cs:(%0)" : : "r"(&mark)); }
static void load_es(word s) { asm volatile("mov %0,%%es" : : "r"(s)); }
static void load_ss(word s) { asm volatile("mov %0,%%ss" : : "r"(s)); }
static void bound(word v) { static const int b[2] = {1, 5}; asm volatile("bound %0,%1" : : "r"(v), "m"(b)); }
static void into(word a) { asm volatile("mov $0x7fffffff,%%eax; add $1,%%eax; into" : : : "eax"); }
static void far_call(word s) { struct { u32 o; u16 s; } __attribute__((packed)) p = {0x200000, s}; asm volatile("lcall *%0" : : "m"(p)); }
static void far_jump(word s) { struct { u32 o; u16 s; } __attribute__((packed)) p = {0, s}; asm volatile("ljmp *%0" : : "m"(p)); }

struct row_ { const char *name; void (*what)(word); word argument; int vector; int error; };
static const struct row_ rows[] = {
  {"byte inside the limit", read_es, 0xffe, -1, 0},
  {"byte at the limit", read_es, 0xfff, -1, 0},
  {"byte beyond the limit", read_es, 0x1000, 13, 0},
  {"doubleword across the limit", read4_es, 0xffd, 13, 0},
  {"write to a read-only segment", write_es, 0, 13, 0},
  {"write through CS", write_cs, 0, 13, 0},
  {"read through a null selector", read_null, 0, 13, 0},
  {"null selector with RPL 3", read_null, 3, 13, 0},
  {"DPL below RPL", load_es, 0x13, 13, 0x10},
  {"execute-only code as data", load_es, 0x48, 13, 0x48},
  {"readable code as data", load_es, 8, -1, 0},
  {"not present", load_es, 0x50, 11, 0x50},
  {"system descriptor as data", load_es, 0x28, 13, 0x28},
  {"beyond the GDT", load_es, 0x1000, 13, 0x1000},
  {"SS of another privilege", load_ss, 0x23, 13, 0x20},
  {"SS null", load_ss, 0, 13, 0},
  {"SS not present", load_ss, 0x50, 12, 0x50},
  {"BOUND inside", bound, 3, -1, 0},
  {"BOUND outside", bound, 9, 5, 0},
  {"INTO", into, 0, 4, 0},
  {"far call to data", far_call, 0x10, 13, 0x10},
  {"far call through a gate that is not present", far_call, 0x60, 11, 0x60},
  {"far call to a code segment not present", far_call, 0x68, 11, 0x68},
  {"far jump to a task that is busy", far_jump, 0x28, 13, 0x28},
  {"far jump to a task not present", far_jump, 0x78, 11, 0x78},
};

// ---- privilege ----
static void enter_ring3(word ip) {
  asm volatile("mov $0x23,%%eax; mov %%eax,%%ds; mov %%eax,%%es;"
               "push $0x23; push %1; pushf; push $0x1b; push %0; iret"
               : : "r"(ip), "r"(stacks[0] + 4000) : "eax");
}
asm(".text\n"
    "gate_target: mov 8(%esp),%eax; add 12(%esp),%eax; mov %eax,mark; mov %cs,%edx; lret $8\n"
    "through_gate: push $1000; push $234; lcall $0x5b,$0; mov %edx,%ecx; int $0x80\n"
    "user_cli: cli\n"
    "user_hlt: hlt\n"
    "user_in: in $0x80,%al\n"
    "user_int: int $0x41\n"
    "user_conforming: lcall $0x70,$conforming_target; int $0x80\n"
    "conforming_target: mov %cs,%eax; mov %eax,mark; lret\n"
    "user_kernel_call: lcall $8,$conforming_target\n"
    "user_load_kernel_data: mov $0x10,%eax; mov %eax,%ds\n"
    "user_sysenter: ud2\n"
    "other_task: movl $77,mark; mov %cs,%eax; 1: iret; addl $1,mark; jmp 1b\n"
    "jump_task: movl $78,mark; ljmp $0x28,$0\n");
extern u8 gate_target[], through_gate[], user_cli[], user_hlt[], user_in[], user_int[], user_conforming[],
    user_kernel_call[], user_load_kernel_data[], other_task[], jump_task[];

static const struct { const char *name; const u8 *code; int vector, error; } user_rows[] = {
  {"CLI in ring 3", user_cli, 13, 0},
  {"HLT in ring 3", user_hlt, 13, 0},
  {"IN without the bitmap's leave", user_in, 13, 0},
  {"INT of a gate of ring 0", user_int, 13, 0x41 * 8 + 2},
  {"far call to a segment of ring 0", user_kernel_call, 13, 8},
  {"a segment of ring 0 as data", user_load_kernel_data, 13, 0x10},
  {"conforming code from ring 3", user_conforming, 0x80, 0},
  {"call gate from ring 3", through_gate, 0x80, 0},
};

// ---- tasks ----
static void make_task(u8 *code, u32 flags) {
  other_tss = (struct tss32){.cr3 = READ_CR(3), .eip = (u32)code, .eflags = flags, .esp = (u32)stacks[1] + 4096,
      .es = 0x10, .cs = 8, .ss = 0x10, .ds = 0x10, .fs = 0x10, .gs = 0x10, .ebx = 0x1234, .iomap = 104};
  segment(15, (u32)&other_tss, 103, 0x89, 0);
}
static void call_task(word s) { struct { u32 o; u16 s; } __attribute__((packed)) p = {0, s}; asm volatile("lcall *%0" : : "m"(p) : "memory"); }

// ---- virtual-8086 ----
static void enter_v86(word offset) {
  asm volatile("push $0; push $0; push $0; push $0; push $0; push $0xff0; push %1; push $0; push %0; iret"
               : : "r"(offset), "r"(0x20002u));
}
static void v86(const char *name, const u8 *code, int bytes, int vector, int error) {
  for (int i = 0; i < bytes; i++) ((volatile u8 *)0x600)[i] = code[i];
  int got = attempt(enter_v86, 0x600);
  row(name, (u64)(u32)got << 32 | (u32)last.error, (u64)(u32)vector << 32 | (u32)error);
}

// ---- paging ----
static u32 directory[1024] __attribute__((aligned(4096)));
static u32 table[1024] __attribute__((aligned(4096)));
static u64 pointers[4] __attribute__((aligned(32)));
static u64 directories[4][512] __attribute__((aligned(4096)));
static u64 table_pae[512] __attribute__((aligned(4096)));
#define LINEAR 0x40000000u
static void touch(word write) {
  if (write) *(volatile u8 *)LINEAR = 1;
  else (void)*(volatile u8 *)LINEAR;
}
static void run_at(word a) { asm volatile("call *%0" : : "r"(LINEAR)); }
struct page_row { const char *name; u64 upper, lower; int write, error; };
static const struct page_row rows32[] = {
  {"32-bit: present", 3, 3, 1, -1},
  {"32-bit: missing page", 3, 0, 1, 2},
  {"32-bit: missing table", 0, 3, 0, 0},
  {"32-bit: read-only page", 3, 1, 1, 3},
  {"32-bit: read-only table", 1, 3, 1, 3},
  {"32-bit: 4 MiB page", 0x83, 0, 1, -1},
  {"32-bit: read-only 4 MiB page", 0x81, 0, 1, 3},
  {"32-bit: 4 MiB page, reserved bit 21", 0x200083, 0, 0, 9},
};
static const struct page_row rows_pae[] = {
  {"PAE: present", 3, 3, 1, -1},
  {"PAE: missing page", 3, 0, 1, 2},
  {"PAE: missing table", 0, 3, 0, 0},
  {"PAE: read-only page", 3, 1, 1, 3},
  {"PAE: 2 MiB page", 0x83, 0, 1, -1},
  {"PAE: 2 MiB page, reserved bit 13", 0x2083, 0, 0, 9},
  {"PAE: reserved bit 62 of a page", 3, 3 | 1ull << 62, 0, 9},
};
static void check(const struct page_row *r) {
  int vector = attempt(touch, r->write);
  row(r->name, vector == 14 ? last.error : (u32)vector, (u32)r->error);
}

int main(void) {
  install_traps();
  main_tss->ss0 = 0x10;
  main_tss->esp0 = (u32)stacks[2] + 4096;
  main_tss->iomap = 104;
  segment(5, (u32)main_tss, 104 + 32, 0x89, 0);       // 0x28, a bitmap for ports 0 to 255
  for (int i = 0; i < 33; i++) tss[104 + i] = 0xff;
  load_task_register(0x28);
  segment(8, (u32)window, 0xfff, 0xf0, 4);            // 0x40 read-only data, DPL 3
  segment(9, 0, 0xfffff, 0x98, 0xc);                  // 0x48 execute-only code
  segment(10, 0, 0xfffff, 0x12, 0xc);                 // 0x50 data, not present
  u64 gate = (u32)gate_target;
  gdt[11] = (gate & 0xffff) | 8 << 16 | 2ull << 32 | 0xecull << 40 | gate >> 16 << 48; // 0x58 call gate
  gdt[12] = gdt[11] & ~(1ull << 47);                  // 0x60, not present
  segment(13, 0, 0xfffff, 0x1a, 0xc);                 // 0x68 code, not present
  segment(14, 0, 0xfffff, 0x9e, 0xc);                 // 0x70 conforming code
  make_task(other_task, 2);
  gdt[15] &= ~(1ull << 47);                           // 0x78, not present yet

  for (unsigned i = 0; i < ARRAY(rows); i++) {
    int vector = attempt(rows[i].what, rows[i].argument);
    u32 error = vector == -1 ? 0 : last.error;
    row(rows[i].name, (u64)(u32)vector << 32 | error, (u64)(u32)rows[i].vector << 32 | (u32)rows[i].error);
  }
  segment(8, (u32)window - 0x1000, 0xfff, 0xf6, 4);   // expand-down: from 0x1000 up
  row("expand-down, inside", attempt(write_es, 0x1000), -1);
  row("expand-down, below", attempt(write_es, 0xfff), 13);

  for (unsigned i = 0; i < ARRAY(user_rows); i++) {
    mark = 0;
    int vector = attempt(enter_ring3, (word)user_rows[i].code);
    row(user_rows[i].name, (u64)(u32)vector << 32 | last.error, (u64)(u32)user_rows[i].vector << 32 | (u32)user_rows[i].error);
  }
  row("the gate copied two parameters", mark, 1234);
  row("the gate led to ring 0", last.ecx & 0xffff, 8);
  attempt(enter_ring3, (word)user_conforming);
  row("conforming code keeps ring 3", mark, 0x73);
  tss[104 + 0x80 / 8] = 0xfe;
  attempt(enter_ring3, (word)user_in);
  row("IN with the bitmap's leave goes on to INT", last.error, 0x41 * 8 + 2);

  make_task(other_task, 2);
  mark = 0;
  row("far call to a task", attempt(call_task, 0x78), -1);
  row("it ran", mark, 77);
  row("and linked back", other_tss.link, 0x28);
  row("IRET left it available", gdt[15] >> 40 & 0xff, 0x89);
  row("its registers were saved", other_tss.ebx, 0x1234);
  row("CR0.TS is set by a switch", READ_CR(0) >> 3 & 1, 1);
  asm volatile("clts");
  make_task(jump_task, 2);
  row("far jump to a task and back", attempt(far_jump, 0x78), -1);
  row("the other one ran", mark, 78);
  make_task(other_task, 2);
  set_gate(0x42, 0, 0x78, 5, 0, 0);
  mark = 0;
  asm volatile("int $0x42" : : : "memory");
  row("task gate", mark, 77);
  main_tss->esp0 = (u32)stacks[2] + 4096;

  v86("virtual-8086: HLT", (const u8[]){0xf4}, 1, 13, 0);
  v86("virtual-8086: CLI with IOPL 0", (const u8[]){0xfa}, 1, 13, 0);
  v86("virtual-8086: INT with IOPL 0", (const u8[]){0xcd, 0x80}, 2, 13, 0);
  row("virtual-8086: VM is saved", last.flags >> 17 & 1, 1);
  v86("virtual-8086: INT3 with its gate", (const u8[]){0xcc}, 1, 3, 0);
  v86("virtual-8086: UD2", (const u8[]){0x0f, 0x0b}, 2, 6, 0);
  v86("virtual-8086: IN the bitmap forbids", (const u8[]){0xe4, 0x81}, 2, 13, 0);
  v86("virtual-8086: beyond 64 KiB", (const u8[]){0x66, 0xa1, 0xfe, 0xff}, 4, 13, 0);

  for (int i = 0; i < 1024; i++) directory[i] = i << 22 | 0x83;
  word cr4 = READ_CR(4), cr0 = READ_CR(0);
  WRITE_CR(4, cr4 | 0x10);
  WRITE_CR(3, directory);
  WRITE_CR(0, cr0 | 0x80010000);
  for (unsigned i = 0; i < ARRAY(rows32); i++) {
    const struct page_row *r = &rows32[i];
    u32 leaf = r->upper & 0x80 ? 0x800000 : (u32)table;
    directory[LINEAR >> 22] = r->upper ? (u32)r->upper | leaf : 0;
    table[0] = r->lower ? (u32)r->lower | (u32)window : 0;
    WRITE_CR(3, directory);
    check(r);
  }
  directory[LINEAR >> 22] = 3 | (u32)table;
  table[0] = 3 | (u32)window;
  WRITE_CR(3, directory);
  attempt(touch, 0);
  row("32-bit: a read sets A", table[0] & 0x60, 0x20);
  attempt(touch, 1);
  row("32-bit: a write sets D", table[0] & 0x60, 0x60);
  WRITE_CR(0, cr0);

  for (int i = 0; i < 4; i++) {
    pointers[i] = (u32)directories[i] | 1;
    for (int j = 0; j < 512; j++) directories[i][j] = (u64)i << 30 | j << 21 | 0x83;
  }
  WRITE_CR(4, cr4 | 0x20);
  wrmsr(0xc0000080, 0x800);
  WRITE_CR(3, pointers);
  WRITE_CR(0, cr0 | 0x80010000);
  window[0] = 0xc3;
  for (unsigned i = 0; i < ARRAY(rows_pae); i++) {
    const struct page_row *r = &rows_pae[i];
    u32 leaf = r->upper & 0x80 ? 0x800000 : (u32)table_pae;
    directories[1][0] = r->upper ? r->upper | leaf : 0;
    table_pae[0] = r->lower ? r->lower | (u32)window : 0;
    WRITE_CR(3, pointers);
    check(r);
  }
  directories[1][0] = 3 | (u32)table_pae;
  window[0] = 0xc3;
  table_pae[0] = 3 | (u32)window;
  WRITE_CR(3, pointers);
  row("PAE: fetch", attempt(run_at, 0), -1);
  table_pae[0] = 3 | (u32)window | 1ull << 63;
  WRITE_CR(3, pointers);
  row("PAE: fetch from an NX page", attempt(run_at, 0) == 14 ? last.error : 99, 17);
  pointers[1] = 0;
  asm volatile("invlpg (%0)" : : "r"(LINEAR));
  row("PAE: pointers are loaded with CR3 only", attempt(run_at, 0) == 14 ? last.error : 99, 17);
  WRITE_CR(3, pointers);
  row("PAE: missing pointer", attempt(touch, 0) == 14 ? last.error : 99, 0);
  WRITE_CR(0, cr0);
  return result();
}
