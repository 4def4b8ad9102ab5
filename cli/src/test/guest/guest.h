// What the test guests share: output, ports, MSRs, traps, rows of results.
#pragma once
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef unsigned long word;
#define NOINLINE __attribute__((noinline))
#define ARRAY(a) (sizeof(a) / sizeof((a)[0]))

static inline void outb(u16 port, u8 v) { asm volatile("outb %0,%1" : : "a"(v), "Nd"(port)); }
static inline u8 inb(u16 port) { u8 v; asm volatile("inb %1,%0" : "=a"(v) : "Nd"(port)); return v; }
static inline u64 rdmsr(u32 i) { u32 a, d; asm volatile("rdmsr" : "=a"(a), "=d"(d) : "c"(i)); return (u64)d << 32 | a; }
static inline void wrmsr(u32 i, u64 v) { asm volatile("wrmsr" : : "c"(i), "a"((u32)v), "d"((u32)(v >> 32)) : "memory"); }
static inline u64 rdtsc(void) { u32 a, d; asm volatile("lfence; rdtsc" : "=a"(a), "=d"(d) : : "memory"); return (u64)d << 32 | a; }
static inline void cpuid(u32 leaf, u32 sub, u32 *r) { asm volatile("cpuid" : "=a"(r[0]), "=b"(r[1]), "=c"(r[2]), "=d"(r[3]) : "a"(leaf), "c"(sub)); }
#define READ_CR(n) ({ word v_; asm volatile("mov %%cr" #n ",%0" : "=r"(v_)); v_; })
#define WRITE_CR(n, v) asm volatile("mov %0,%%cr" #n : : "r"((word)(v)) : "memory")
static inline u32 mmio_read(word a) { return *(volatile u32 *)a; }
static inline void mmio_write(word a, u32 v) { *(volatile u32 *)a = v; }

struct frame {
#ifdef LONG
  u64 r15, r14, r13, r12, r11, r10, r9, r8, rbp, rdi, rsi, rdx, rcx, rbx, rax;
#else
  u32 gs, fs, es, ds, edi, esi, ebp, esp_unused, ebx, edx, ecx, eax;
#endif
  word vector, error, ip, cs, flags, sp, ss;
};

// The last trap, and a hook that may handle it (returns nonzero then).
extern struct frame last;
extern word last_cr2;
extern int (*volatile hook)(struct frame *);
extern volatile int counts[256];
extern word entries[256];
extern u64 gdt[64];
extern u8 tss[];

int attempt(void (*what)(word), word argument);
void leave(int vector) __attribute__((noreturn));
void set_gate(int vector, word target, u16 selector, int type, int dpl, int ist);
void install_traps(void);
void load_traps(void);
void set_system_descriptor(int index, word base, u32 limit, int access);
void load_task_register(u16 selector);

void put_text(const char *text);
void put_hex(u64 v);
// One row: "PASS name" or "FAIL name: got, want".
void row(const char *name, u64 got, u64 want);
void row_range(const char *name, u64 got, u64 low, u64 high);
void skip(const char *name);
int result(void);

void start_cpu(int apic_id);
void ap_main(void);
