#include "guest.h"

struct frame last;
word last_cr2;
int (*volatile hook)(struct frame *);
volatile int counts[256];
u8 tss[8192] __attribute__((aligned(4096)));
static int failures;

static void put(char c) { outb(0xe9, c); }
void put_text(const char *t) { while (*t) put(*t++); }
void put_hex(u64 v) {
  int digits = 16;
  while (digits > 1 && !(v >> 4 * (digits - 1) & 15)) digits--;
  put_text("0x");
  while (digits--) put("0123456789abcdef"[v >> 4 * digits & 15]);
}

void row_range(const char *name, u64 got, u64 low, u64 high) {
  int good = got >= low && got <= high;
  put_text(good ? "PASS " : "FAIL ");
  put_text(name);
  if (!good) {
    failures++;
    put_text(": got ");
    put_hex(got);
    put_text(", want ");
    put_hex(low);
    if (high != low) { put_text(" to "); put_hex(high); }
  }
  put('\n');
}
void row(const char *name, u64 got, u64 want) { row_range(name, got, want, want); }
void skip(const char *name) { put_text("SKIP "); put_text(name); put('\n'); }
int result(void) { return failures ? 1 : 0; }

static volatile int armed;
int attempt_unarmed(void (*what)(word), word argument);

int attempt(void (*what)(word), word argument) {
  armed = 1;
  int vector = attempt_unarmed(what, argument);
  armed = 0;
  return vector;
}

void trap(struct frame *f) {
  u8 *from = (u8 *)f, *to = (u8 *)&last;
  if (hook) {
    int (*now)(struct frame *) = hook;
    if (now(f)) return;
  }
  if (!armed) {
    put_text("FAIL unexpected vector ");
    put_hex(f->vector);
    put_text(" at ");
    put_hex(f->ip);
    put('\n');
    outb(0xf4, 0x7f);
    for (;;) asm volatile("hlt");
  }
  for (unsigned i = 0; i < sizeof last; i++) to[i] = from[i];
  last_cr2 = READ_CR(2);
  counts[f->vector]++;
  leave(f->vector);
}

struct gate {
  u16 low, selector;
  u8 ist, type;
  u16 middle;
#ifdef LONG
  u32 high, zero;
#endif
};
static struct gate idt[256] __attribute__((aligned(16)));

void set_gate(int vector, word target, u16 selector, int type, int dpl, int ist) {
  struct gate *g = &idt[vector];
  g->low = target;
  g->selector = selector;
  g->ist = ist;
  g->type = 0x80 | dpl << 5 | type;
  g->middle = target >> 16;
#ifdef LONG
  g->high = target >> 32;
  g->zero = 0;
#endif
}

void install_traps(void) {
  for (int i = 0; i < 256; i++) set_gate(i, entries[i], 8, 0xe, i == 3 || i == 4 || i == 0x80 ? 3 : 0, 0);
  load_traps();
}

void load_traps(void) {
  struct { u16 limit; word base; } __attribute__((packed)) pointer = {sizeof idt - 1, (word)idt};
  asm volatile("lidt %0" : : "m"(pointer));
}

void set_system_descriptor(int index, word base, u32 limit, int access) {
  gdt[index] = (limit & 0xffff) | (u64)(base & 0xffffff) << 16 | (u64)access << 40
      | (u64)(limit >> 16 & 15) << 48 | (u64)(base >> 24 & 0xff) << 56;
#ifdef LONG
  gdt[index + 1] = base >> 32;
#endif
}
void load_task_register(u16 selector) { asm volatile("ltr %0" : : "r"(selector)); }

#ifdef LONG
extern u8 trampoline[], trampoline_end[];
static void pause_us(unsigned us) {
  // port 0x61 bit 4 changes every 15 microseconds
  for (unsigned i = 0; i < us / 15 + 1; i++) { u8 v = inb(0x61) & 16; while ((inb(0x61) & 16) == v) asm volatile("pause"); }
}
void start_cpu(int id) {
  u8 *to = (u8 *)0x8000;
  for (u8 *from = trampoline; from < trampoline_end; from++) *to++ = *from;
  mmio_write(0xfee00310, id << 24);
  mmio_write(0xfee00300, 0x4500);
  pause_us(1000);
  for (int i = 0; i < 2; i++) {
    mmio_write(0xfee00310, id << 24);
    mmio_write(0xfee00300, 0x4608);
    pause_us(200);
  }
}
__attribute__((weak)) void ap_main(void) {}
#endif
