// Paging in IA-32e mode, 4 or 5 levels: rights by every level, large pages, reserved bits, NX, SMEP,
// SMAP, protection keys, accessed and dirty bits, error codes.
#include "guest.h"

#define TARGET 0x8000200000ul           // PML4 entry 1: nothing else is there
#define USER_CODE 0x10000000000ul       // PML4 entry 2
#define P 1ul
#define W 2ul
#define U 4ul
#define A 0x20ul
#define D 0x40ul
#define PS 0x80ul
#define NX (1ul << 63)
#define KEY(n) ((u64)(n) << 59)
enum { READ, WRITE, FETCH };
enum { NONE = -1 };

extern u64 pml4[512], pml5[512];
static u64 t_pdpt[512] __attribute__((aligned(4096)));
static u64 t_pd[512] __attribute__((aligned(4096)));
static u64 t_pt[512] __attribute__((aligned(4096)));
static u64 u_pdpt[512] __attribute__((aligned(4096)));
static u64 u_pd[512] __attribute__((aligned(4096)));
static u64 u_pt[512] __attribute__((aligned(4096)));
static u8 page[4096] __attribute__((aligned(4096)));
static u8 user_page[4096] __attribute__((aligned(4096)));
static u8 user_stack[4096] __attribute__((aligned(4096)));
static u8 kernel_stack[8192] __attribute__((aligned(16)));
#define LARGE 0x2000000ul               // 32 MiB: inside RAM, nothing there

struct case_ {
  const char *name;
  u64 e4, e3, e2, e1;                   // flags of the entries; PS in e3 or e2 makes a large page
  u64 cr4;                              // bits to add
  int no_wp, nxe_off, user, access, error;
  u32 pkru;
  int ac;                               // EFLAGS.AC while a supervisor accesses
};
#define RWU (P | W | U)
#define SMEP (1ul << 20)
#define SMAP (1ul << 21)
#define PKE (1ul << 22)
#define PKS (1ul << 24)
static const struct case_ cases[] = {
  {"supervisor reads", P, P, P, P, .error = NONE},
  {"supervisor writes", P | W, P | W, P | W, P | W, .access = WRITE, .error = NONE},
  {"supervisor fetches", P, P, P, P, .access = FETCH, .error = NONE},
  {"not present, page", P, P, P, 0, .error = 0},
  {"not present, page table", P, P, 0, P, .error = 0},
  {"not present, page directory", P, 0, P, P, .error = 0},
  {"not present, page-directory-pointer table", 0, P, P, P, .error = 0},
  {"write to a missing page", P | W, P | W, P | W, 0, .access = WRITE, .error = 2},
  {"fetch from a missing page", P, P, P, 0, .access = FETCH, .error = 16},
  {"user read of a missing page", RWU, RWU, RWU, 0, .user = 1, .error = 4},
  {"read-only page", P | W, P | W, P | W, P, .access = WRITE, .error = 3},
  {"read-only page table", P | W, P | W, P, P | W, .access = WRITE, .error = 3},
  {"read-only page directory", P | W, P, P | W, P | W, .access = WRITE, .error = 3},
  {"read-only PML4 entry", P, P | W, P | W, P | W, .access = WRITE, .error = 3},
  {"read-only without CR0.WP", P, P, P, P, .no_wp = 1, .access = WRITE, .error = NONE},
  {"read-only for the user without CR0.WP", RWU, RWU, RWU, P | U, .no_wp = 1, .user = 1, .access = WRITE, .error = 7},
  {"user reads", P | U, P | U, P | U, P | U, .user = 1, .error = NONE},
  {"user writes", RWU, RWU, RWU, RWU, .user = 1, .access = WRITE, .error = NONE},
  {"user fetches", RWU, RWU, RWU, RWU, .user = 1, .access = FETCH, .error = NONE},
  {"supervisor page", RWU, RWU, RWU, P | W, .user = 1, .error = 5},
  {"supervisor page table", RWU, RWU, P | W, RWU, .user = 1, .error = 5},
  {"supervisor page directory", RWU, P | W, RWU, RWU, .user = 1, .error = 5},
  {"supervisor PML4 entry", P | W, RWU, RWU, RWU, .user = 1, .error = 5},
  {"user write to a supervisor page", RWU, RWU, RWU, P | W, .user = 1, .access = WRITE, .error = 7},
  {"user write to a read-only page", RWU, RWU, RWU, P | U, .user = 1, .access = WRITE, .error = 7},
  {"user fetch from a supervisor page", RWU, RWU, RWU, P, .user = 1, .access = FETCH, .error = 21},
  {"NX page", P, P, P, P | NX, .access = FETCH, .error = 17},
  {"NX page table", P, P, P | NX, P, .access = FETCH, .error = 17},
  {"NX page directory", P, P | NX, P, P, .access = FETCH, .error = 17},
  {"NX PML4 entry", P | NX, P, P, P, .access = FETCH, .error = 17},
  {"NX page read", P, P, P, P | NX, .error = NONE},
  {"NX page, user fetch", RWU, RWU, RWU, RWU | NX, .user = 1, .access = FETCH, .error = 21},
  {"NX is reserved without EFER.NXE", P, P, P, P | NX, .nxe_off = 1, .error = 9},
  {"fetch has no I bit without NXE and SMEP", P, P, P, 0, .nxe_off = 1, .access = FETCH, .error = 0},
  {"SMEP gives it one", P, P, P, 0, .nxe_off = 1, .cr4 = SMEP, .access = FETCH, .error = 16},
  {"supervisor fetches from a user page", RWU, RWU, RWU, RWU, .access = FETCH, .error = NONE},
  {"SMEP stops that", RWU, RWU, RWU, RWU, .cr4 = SMEP, .access = FETCH, .error = 17},
  {"SMEP leaves reads alone", RWU, RWU, RWU, RWU, .cr4 = SMEP, .error = NONE},
  {"SMEP by any supervisor level", RWU, RWU, P | W, RWU, .cr4 = SMEP, .access = FETCH, .error = NONE},
  {"SMAP stops reads", RWU, RWU, RWU, RWU, .cr4 = SMAP, .error = 1},
  {"SMAP stops writes", RWU, RWU, RWU, RWU, .cr4 = SMAP, .access = WRITE, .error = 3},
  {"SMAP with EFLAGS.AC", RWU, RWU, RWU, RWU, .cr4 = SMAP, .ac = 1, .error = NONE},
  {"SMAP leaves the user alone", RWU, RWU, RWU, RWU, .cr4 = SMAP, .user = 1, .error = NONE},
  {"SMAP leaves supervisor pages alone", RWU, RWU, RWU, P | W, .cr4 = SMAP, .error = NONE},
  {"PKRU stops a read", RWU, RWU, RWU, RWU | KEY(3), .cr4 = PKE, .pkru = 1 << 6, .user = 1, .error = 37},
  {"PKRU stops a supervisor's read", RWU, RWU, RWU, RWU | KEY(3), .cr4 = PKE, .pkru = 1 << 6, .error = 33},
  {"PKRU stops a write", RWU, RWU, RWU, RWU | KEY(3), .cr4 = PKE, .pkru = 2 << 6, .user = 1, .access = WRITE, .error = 39},
  {"PKRU write-disable lets reads pass", RWU, RWU, RWU, RWU | KEY(3), .cr4 = PKE, .pkru = 2 << 6, .user = 1, .error = NONE},
  {"PKRU of another key", RWU, RWU, RWU, RWU | KEY(4), .cr4 = PKE, .pkru = 3 << 6, .user = 1, .access = WRITE, .error = NONE},
  {"PKRU leaves fetches alone", RWU, RWU, RWU, RWU | KEY(3), .cr4 = PKE, .pkru = 3 << 6, .user = 1, .access = FETCH, .error = NONE},
  {"PKRU leaves supervisor pages alone", P | W, P | W, P | W, P | W | KEY(3), .cr4 = PKE, .pkru = 3 << 6, .access = WRITE, .error = NONE},
  {"PKRU write-disable without CR0.WP", RWU, RWU, RWU, RWU | KEY(3), .cr4 = PKE, .pkru = 2 << 6, .no_wp = 1, .access = WRITE, .error = NONE},
  {"PKRU without CR4.PKE", RWU, RWU, RWU, RWU | KEY(3), .pkru = 3 << 6, .user = 1, .access = WRITE, .error = NONE},
  {"PKRS stops a supervisor's read", P | W, P | W, P | W, P | W | KEY(5), .cr4 = PKS, .pkru = 1 << 10, .error = 33},
  {"PKRS stops a supervisor's write", P | W, P | W, P | W, P | W | KEY(5), .cr4 = PKS, .pkru = 2 << 10, .access = WRITE, .error = 35},
  {"PKRS leaves user pages alone", RWU, RWU, RWU, RWU | KEY(5), .cr4 = PKS, .pkru = 3 << 10, .access = WRITE, .error = NONE},
  {"2 MiB page", P | W, P | W, P | W | PS, 0, .access = WRITE, .error = NONE},
  {"2 MiB page, read-only", P | W, P | W, P | PS, 0, .access = WRITE, .error = 3},
  {"2 MiB page, NX", P | W, P | W, P | PS | NX, 0, .access = FETCH, .error = 17},
  {"2 MiB page, reserved bit 13", P | W, P | W, P | W | PS | 1 << 13, 0, .error = 9},
  {"2 MiB page, PAT bit", P | W, P | W, P | W | PS | 1 << 12, 0, .error = NONE},
  {"1 GiB page", P | W, P | W | PS, 0, 0, .access = WRITE, .error = NONE},
  {"1 GiB page, supervisor's", RWU, P | W | PS, 0, 0, .user = 1, .error = 5},
  {"1 GiB page, reserved bit 20", P | W, P | W | PS | 1 << 20, 0, 0, .error = 9},
  {"PS in a PML4 entry is reserved", P | PS, P, P, P, .error = 9},
  {"write through a reserved bit", P | W, P | W, P | W | PS | 1 << 13, 0, .access = WRITE, .error = 11},
  {"user through a reserved bit", RWU, RWU, RWU | PS | 1 << 13, 0, .user = 1, .error = 13},
};

static void flush(void) { WRITE_CR(3, READ_CR(3)); }
static void do_access(word kind) {
  if (kind == READ) asm volatile("mov (%0),%%al; int $0x80" : : "r"(TARGET + 8) : "al");
  else if (kind == WRITE) asm volatile("movb $1,(%0); int $0x80" : : "r"(TARGET + 8) : "memory");
  else asm volatile("jmp *%0" : : "r"(TARGET));
}
static void with_ac(word kind) { asm volatile("pushf; orl $0x40000,(%rsp); popf"); do_access(kind); }
static void as_user(word kind) {
  asm volatile("push $0x23; push %0; pushf; push $0x1b; push %1; iretq"
               : : "r"(USER_CODE + 8192), "r"(USER_CODE + 64 * kind), "a"(TARGET + 8), "b"(TARGET));
}

static void map(const struct case_ *c) {
  u64 leaf3 = c->e3 & PS ? 0 : (u64)t_pd, leaf2 = c->e2 & PS ? LARGE : (u64)t_pt;
  pml4[1] = c->e4 ? c->e4 | (u64)t_pdpt : 0;
  t_pdpt[0] = c->e3 ? c->e3 | leaf3 : 0;
  t_pd[1] = c->e2 ? c->e2 | leaf2 : 0;
  t_pt[0] = c->e1 ? c->e1 | (u64)page : 0;
}

int main(void) {
  install_traps();
  set_system_descriptor(5, (word)tss, 103, 0x89);
  *(u64 *)(tss + 4) = (u64)(kernel_stack + sizeof kernel_stack);
  load_task_register(0x28);
  pml4[2] = RWU | (u64)u_pdpt;
  u_pdpt[0] = RWU | (u64)u_pd;
  u_pd[0] = RWU | (u64)u_pt;
  u_pt[0] = RWU | (u64)user_page;
  u_pt[1] = RWU | (u64)user_stack;
  static const u8 stubs[3][8] = {
    {0x8a, 0x08, 0xcd, 0x80},            // mov (%rax),%cl; int $0x80
    {0xc6, 0x00, 0x01, 0xcd, 0x80},      // movb $1,(%rax); int $0x80
    {0xff, 0xe3},                        // jmp *%rbx
  };
  for (int i = 0; i < 3; i++) for (int j = 0; j < 8; j++) user_page[64 * i + j] = stubs[i][j];
  u8 *large = (u8 *)LARGE;
  page[0] = large[0] = 0xcd;
  page[1] = large[1] = 0x80;
  u32 r[4];
  cpuid(7, 0, r);
  u64 have = 0x620;
  if (r[1] >> 7 & 1) have |= SMEP;
  if (r[1] >> 20 & 1) have |= SMAP;
  if (r[2] >> 3 & 1) have |= PKE;
  if (r[2] >> 31 & 1) have |= PKS;
  word cr4 = READ_CR(4), cr0 = READ_CR(0);
  row("5-level paging is as built", cr4 >> 12 & 1,
#ifdef LA57
      1
#else
      0
#endif
  );
  for (unsigned i = 0; i < ARRAY(cases); i++) {
    const struct case_ *c = &cases[i];
    if (c->cr4 & ~have) { skip(c->name); continue; }
    map(c);
    flush();
    if (c->nxe_off) wrmsr(0xc0000080, rdmsr(0xc0000080) & ~0x800ul);
    if (c->no_wp) WRITE_CR(0, cr0 & ~0x10000ul);
    WRITE_CR(4, cr4 | c->cr4 | (have & PKE));
    if (have & PKE) asm volatile("wrpkru" : : "a"(c->cr4 & PKS ? 0 : c->pkru), "c"(0), "d"(0));
    WRITE_CR(4, cr4 | c->cr4);
    if (c->cr4 & PKS) wrmsr(0x6e1, c->pkru);
    int vector = attempt(c->user ? as_user : c->ac ? with_ac : do_access, c->access);
    int error = vector == 0x80 ? NONE : (int)last.error | (vector != 14) << 16;
    WRITE_CR(4, cr4);
    WRITE_CR(0, cr0);
    wrmsr(0xc0000080, rdmsr(0xc0000080) | 0x800);
    row(c->name, (u32)error, (u32)c->error);
    if (error != NONE && last_cr2 != TARGET + (c->access == FETCH ? 0 : 8)) row("its CR2", last_cr2, TARGET);
  }

  struct case_ ad = {"", P | W, P | W, P | W, P | W};
  map(&ad);
  flush();
  row("nothing is accessed yet", ((pml4[1] | t_pdpt[0] | t_pd[1] | t_pt[0]) & (A | D)), 0);
  attempt(do_access, READ);
  row("a read sets A at every level", pml4[1] & t_pdpt[0] & t_pd[1] & t_pt[0] & A, A);
  row("and D nowhere", (pml4[1] | t_pdpt[0] | t_pd[1] | t_pt[0]) & D, 0);
  attempt(do_access, WRITE);
  row("a write sets D in the last level", t_pt[0] & D, D);
  row("and only there", (pml4[1] | t_pdpt[0] | t_pd[1]) & D, 0);
  t_pt[0] &= ~(A | D);
  attempt(do_access, READ);
  row("a cached translation sets no A", t_pt[0] & A, 0);
  asm volatile("invlpg (%0)" : : "r"(TARGET + 8));
  attempt(do_access, READ);
  row("after INVLPG it does", t_pt[0] & A, A);
  struct case_ big = {"", P | W, P | W, P | W | PS, 0};
  map(&big);
  flush();
  attempt(do_access, WRITE);
  row("a write sets A and D of a large page", t_pd[1] & (A | D), A | D);
  struct case_ ro = {"", P | W, P | W, P | W, P};
  map(&ro);
  flush();
  attempt(do_access, WRITE);
  row("a refused write sets no D", t_pt[0] & D, 0);
  return result();
}
