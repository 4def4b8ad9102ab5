// Interrupts of 8254 and RTC, through the 8259s and the I/O APIC; the local APIC's timer and its
// messages; a second CPU.
#include "guest.h"

#define APIC 0xfee00000
#define IOAPIC 0xfec00000
static volatile int seen[256], order[16], ordered;
static volatile int end_by_pic;
static volatile u64 stamp;

static int x2apic;
static u32 apic_read(int r) { return x2apic ? (u32)rdmsr(0x800 + r / 16) : mmio_read(APIC + r); }
static void apic_write(int r, u32 v) { if (x2apic) wrmsr(0x800 + r / 16, v); else mmio_write(APIC + r, v); }
static void send_ipi(u32 command, u32 to) {
  if (x2apic) { wrmsr(0x830, (u64)to << 32 | command); return; }
  mmio_write(APIC + 0x310, to << 24);
  mmio_write(APIC + 0x300, command);
}

static int on_interrupt(struct frame *f) {
  int v = f->vector;
  if (v < 0x20) return 0;
  seen[v]++;
  stamp = rdtsc();
  if (ordered < 16) order[ordered++] = v;
  if (v == 0x28) { outb(0x70, 0x0c); inb(0x71); }
  if (v == 0x60) outb(0x2000 + 20, 0);       // lower the level-triggered line
  if (v < 0x30 && end_by_pic) {
    if (v >= 0x28) outb(0xa0, 0x20);
    outb(0x20, 0x20);
  } else if (v >= 0x90 && v != 0xff) {
    mmio_write(APIC + 0xb0, 0);               // the second CPU, which stays in xAPIC mode
  } else if (v != 0xff) {
    apic_write(0xb0, 0);
  }
  return 1;
}

static void clear(void) { for (int i = 0; i < 256; i++) seen[i] = 0; ordered = 0; }
static void enable(void) { asm volatile("sti; nop; nop; cli" : : : "memory"); }
// Waits with interrupts on until a vector has come often enough, or a long time has passed.
static int wait_for(int vector, int times) {
  for (u64 i = 0; i < 20000000 && seen[vector] < times; i++) asm volatile("sti; pause; cli" : : : "memory");
  return seen[vector];
}
static void halt_for(int vector) { while (!seen[vector]) asm volatile("sti; hlt; cli" : : : "memory"); }
static void pic_setup(int first, int second) {
  outb(0x20, 0x11); outb(0x21, 0x20); outb(0x21, 4); outb(0x21, 1);
  outb(0xa0, 0x11); outb(0xa1, 0x28); outb(0xa1, 2); outb(0xa1, 1);
  outb(0x21, first); outb(0xa1, second);
}
static void pit(int command, u16 count) { outb(0x43, command); outb(0x40, count & 0xff); outb(0x40, count >> 8); }
static u16 pit_read(void) { outb(0x43, 0); u8 low = inb(0x40); return low | inb(0x40) << 8; }
static void io_apic(int r, u32 v) { mmio_write(IOAPIC, r); mmio_write(IOAPIC + 0x10, v); }
static u32 io_apic_read(int r) { mmio_write(IOAPIC, r); return mmio_read(IOAPIC + 0x10); }
static u8 cmos(int i) { outb(0x70, i); return inb(0x71); }
static void cmos_write(int i, u8 v) { outb(0x70, i); outb(0x71, v); }

static void legacy(void) {
  end_by_pic = 1;
  pic_setup(0xfe, 0xff);
  pit(0x34, 11932);
  row("8254 mode 2 through the 8259", wait_for(0x20, 3) >= 3, 1);
  pit(0x36, 11932);
  clear();
  row("8254 mode 3 through the 8259", wait_for(0x20, 3) >= 3, 1);
  clear();
  halt_for(0x20);
  row("it ends a halt", seen[0x20], 1);
  outb(0x43, 0x30);
  enable();                                   // takes a tick that was still requested
  clear();
  pit(0x30, 1193);
  wait_for(0x20, 1);
  for (int i = 0; i < 100000; i++) asm volatile("sti; pause; cli");
  row("8254 mode 0 comes once", seen[0x20], 1);
  pit(0x34, 0);
  u16 before = pit_read();
  for (volatile int i = 0; i < 20000; i++) {}
  row("8254 counts down", pit_read() != before, 1);
  outb(0x43, 0xe2);
  row("8254 read-back status", inb(0x40) & 0x3f, 0x34);
  outb(0x61, 0);
  outb(0x43, 0xb0); outb(0x42, 0xa9); outb(0x42, 4);
  row("channel 2 waits for its gate", inb(0x61) & 0x20, 0);
  outb(0x61, 1);
  u64 turns = 0;
  while (!(inb(0x61) & 0x20) && turns < 10000000) turns++;
  row("channel 2 reaches its count", turns < 10000000, 1);

  outb(0x21, 0xff);
  clear();
  pit(0x30, 100);
  outb(0x20, 0x0a);
  turns = 0;
  while (!(inb(0x20) & 1) && turns < 10000000) turns++;
  row("a masked request is in the IRR", inb(0x20) & 1, 1);
  enable();
  row("and is not delivered", seen[0x20], 0);
  outb(0x21, 0xfe);
  enable();
  row("until it is unmasked", seen[0x20], 1);

  pic_setup(0xfb, 0xfe);
  clear();
  cmos(0x0c);
  cmos_write(0x0a, 0x26);
  cmos_write(0x0b, 0x42);
  row("RTC periodic through both 8259s", wait_for(0x28, 5) >= 5, 1);
  cmos_write(0x0b, 0x12);
  clear();
  row("RTC update-ended", wait_for(0x28, 1) >= 1, 1);
  row("in BCD and 24 hours", cmos(0x0b) & 6, 2);
  u8 second = cmos(0);
  int next = (second >> 4) * 10 + (second & 15) + 2;
  cmos_write(1, (next % 60) / 10 << 4 | next % 10);
  cmos_write(3, 0xff);
  cmos_write(5, 0xff);
  cmos_write(0x0b, 0x22);
  clear();
  row("RTC alarm", wait_for(0x28, 1), 1);
  cmos_write(0x0b, 2);

  pic_setup(0, 0);
  outb(0x21, 0); outb(0xa1, 0);
  clear();
  outb(0x43, 0x30);                           // keeps interrupt 0 low
  outb(0x2005, 1); outb(0x2003, 1); outb(0x2009 + 1, 1);
  enable(); enable(); enable(); enable();
  row("8259 priorities: 3, then 10, then 5", order[0] << 16 | order[1] << 8 | order[2], 0x2a2325);
  outb(0x2005, 0); outb(0x2003, 0); outb(0x200a, 0);
  outb(0x21, 0xff); outb(0xa1, 0xff);
  end_by_pic = 0;
}

static void local(const char *mode) {
  clear();
  row("local APIC version", apic_read(0x30) & 0xff, 0x14);
  apic_write(0xf0, 0x1ff);
  apic_write(0x3e0, 0xb);                     // divide by 1
  apic_write(0x320, 0x40);
  apic_write(0x380, 100000);
  row("timer, one-shot", wait_for(0x40, 1), 1);
  row("its count stays at 0", apic_read(0x390), 0);
  apic_write(0x320, 0x20041);
  apic_write(0x380, 1000000);
  row("timer, periodic", wait_for(0x41, 3) >= 3, 1);
  u32 now = apic_read(0x390);
  row("its count is within its period", now <= 1000000, 1);
  apic_write(0x380, 0);
  clear();
  apic_write(0x320, 0x40042);
  u64 deadline = rdtsc() + 20000000;
  wrmsr(0x6e0, deadline);
  row("timer, TSC deadline", wait_for(0x42, 1), 1);
  row("not before it", stamp >= deadline, 1);
  row("deadline reads as 0 afterwards", rdmsr(0x6e0), 0);
  wrmsr(0x6e0, rdtsc());
  enable();
  row("a deadline in the past", seen[0x42], 2);
  apic_write(0x320, 0x10000);

  clear();
  send_ipi(0x44050, 0);
  enable();
  row("self IPI", seen[0x50], 1);
  send_ipi(0x4051, apic_read(0x20) >> (x2apic ? 0 : 24));
  enable();
  row("IPI to its own id", seen[0x51], 1);
  clear();
  send_ipi(0x44051, 0); send_ipi(0x44082, 0); send_ipi(0x44073, 0);
  row("requests are in the IRR", apic_read(0x240) >> 2 & 1, 1);
  for (int i = 0; i < 3; i++) enable();
  row("delivered by priority", order[0] << 16 | order[1] << 8 | order[2], 0x827351);
  clear();
  apic_write(0x80, 0x60);
  send_ipi(0x44055, 0);
  enable();
  row("TPR holds lower classes back", seen[0x55], 0);
  apic_write(0x80, 0);
  enable();
  row("until it is lowered", seen[0x55], 1);
  put_text("mode ");
  put_text(mode);
  put_text("\n");
}

static void routed(void) {
  clear();
  io_apic(0x10 + 2 * 2 + 1, 0);
  io_apic(0x10 + 2 * 2, 0x58);
  pit(0x34, 11932);
  row("8254 through the I/O APIC, input 2", wait_for(0x58, 2) >= 2, 1);
  io_apic(0x10 + 2 * 2, 0x10058);
  outb(0x43, 0x30);
  row("I/O APIC inputs", io_apic_read(1) >> 16 & 0xff, 23);
  clear();
  io_apic(0x10 + 2 * 20 + 1, 0);
  io_apic(0x10 + 2 * 20, 0x8060);             // level-triggered
  outb(0x2000 + 20, 1);
  row("remote IRR while in service", io_apic_read(0x10 + 2 * 20) >> 14 & 1, 1);
  enable();
  row("level-triggered interrupt", seen[0x60], 1);
  row("remote IRR after its end", io_apic_read(0x10 + 2 * 20) >> 14 & 1, 0);
  io_apic(0x10 + 2 * 20, 0x18061);
  outb(0x2000 + 20, 1);
  enable();
  row("a masked level waits", seen[0x61], 0);
  io_apic(0x10 + 2 * 20, 0x8060);
  enable();
  row("and comes when unmasked", seen[0x60], 2);
  io_apic(0x10 + 2 * 20, 0x10000);
}

static volatile int ap_ready;
void ap_main(void) {
  load_traps();
  mmio_write(APIC + 0xf0, 0x1ff);
  ap_ready = 1;
  for (;;) asm volatile("sti; hlt");
}

static void second_cpu(void) {
  start_cpu(1);
  u64 turns = 0;
  while (!ap_ready && turns < 100000000) { turns++; asm volatile("pause"); }
  row("INIT and SIPI start the second CPU", ap_ready, 1);
  clear();
  send_ipi(0x4090, 1);
  turns = 0;
  while (!seen[0x90] && turns < 100000000) { turns++; asm volatile("pause"); }
  row("an IPI reaches it in its halt", seen[0x90], 1);
  send_ipi(0xc4091, 0);
  turns = 0;
  while (!seen[0x91] && turns < 100000000) { turns++; asm volatile("pause"); }
  enable();
  row("all but self", seen[0x91], 1);
  mmio_write(APIC + 0xe0, 0xffffffff);
  mmio_write(APIC + 0xd0, 1 << 24);
  clear();
  send_ipi(0x4892, 1);                        // logical, flat
  enable();
  row("logical destination", seen[0x92], 1);
}

int main(void) {
  install_traps();
  set_gate(0xff, entries[0xff], 8, 0xe, 0, 0);
  hook = on_interrupt;
  legacy();
  local("xAPIC");
  routed();
  second_cpu();
  clear();
  wrmsr(0x1b, rdmsr(0x1b) | 0xc00);
  x2apic = 1;
  row("x2APIC id", apic_read(0x20), 0);
  local("x2APIC");
  send_ipi(0x4093, 1);
  u64 turns = 0;
  while (!seen[0x93] && turns < 100000000) { turns++; asm volatile("pause"); }
  row("x2APIC to xAPIC IPI", seen[0x93], 1);
  return result();
}
