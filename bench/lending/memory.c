/* How fast a program and its guest reach the memory that they share.
 *
 * Prints lines "name value": MB/s of the program on plain memory of its own and on guest memory, MB/s
 * of the guest's string instructions there, and nanoseconds of a round trip from the program to the
 * guest and back through one byte. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/kvm.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum { SIZE = 64 << 20, CODE = 0x1000, FLAG = 0x3000, ROUNDS = 20000, PASSES = 400, WINDOW = 0x10000 };

/* A pass of each string instruction over 64 KiB at ES, DS = 0x2000, CX passes, then HLT. */
static const unsigned char stores[] = {
    0x51, 0x31, 0xff, 0xb9, 0x00, 0x40, 0x66, 0xf3, 0xab, 0x59, 0x49, 0x75, 0xf3, 0xf4 };
static const unsigned char loads[] = {
    0x51, 0x31, 0xf6, 0xb9, 0x00, 0x40, 0x66, 0xf3, 0xad, 0x59, 0x49, 0x75, 0xf3, 0xf4 };
/* again: mov al, [cs: 0x3000]; test al, 1; jz again; inc byte [cs: 0x3000]; jmp again */
static const unsigned char answer[] = {
    0x2e, 0xa0, 0x00, 0x30, 0xa8, 0x01, 0x74, 0xf8, 0x2e, 0xfe, 0x06, 0x00, 0x30, 0xeb, 0xf1 };

static volatile unsigned char *ram;
static int vcpu;
static struct kvm_run *run;

static long now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000L + t.tv_nsec;
}

static void need(int ok, const char *what)
{
    if (!ok) {
        perror(what);
        exit(1);
    }
}

static void program_speed(const char *where, void *memory)
{
    long bytes = 0, start;
    memset(memory, 1, SIZE);
    for (start = now(); now() - start < 300000000; bytes += SIZE)
        memset(memory, (int)bytes, SIZE);
    printf("program-writes-%s %.0f\n", where, bytes * 1e3 / (now() - start));
    unsigned long sum = 0;
    for (bytes = 0, start = now(); now() - start < 300000000; bytes += SIZE)
        for (volatile unsigned long *at = memory; (char *)at < (char *)memory + SIZE; at += 1)
            sum += *at;
    printf("program-reads-%s %.0f\n", where, bytes * 1e3 / (now() - start) + (sum & 0));
}

static void start_at(const unsigned char *code, unsigned length)
{
    struct kvm_sregs system;
    struct kvm_regs regs = { .rip = CODE, .rflags = 2, .rcx = PASSES };
    memcpy((void *)(ram + CODE), code, length);
    need(!ioctl(vcpu, KVM_GET_SREGS, &system), "KVM_GET_SREGS");
    system.cs.base = 0;
    system.cs.selector = 0;
    system.ds.base = system.es.base = 0x20000;
    system.ds.selector = system.es.selector = 0x2000;
    need(!ioctl(vcpu, KVM_SET_SREGS, &system), "KVM_SET_SREGS");
    need(!ioctl(vcpu, KVM_SET_REGS, &regs), "KVM_SET_REGS");
}

static void guest_speed(const char *name, const unsigned char *code, unsigned length)
{
    long took = 0;
    for (int i = 0; i < 3; i++) { /* the last counts */
        start_at(code, length);
        long start = now();
        need(!ioctl(vcpu, KVM_RUN, 0) && run->exit_reason == KVM_EXIT_HLT, "KVM_RUN");
        took = now() - start;
    }
    printf("%s %.0f\n", name, (double)PASSES * WINDOW * 1e3 / took);
}

static void *spin(void *unused)
{
    (void)unused;
    ioctl(vcpu, KVM_RUN, 0);
    return NULL;
}

static void nothing(int number)
{
    (void)number;
}

static void round_trips(void)
{
    pthread_t thread;
    struct sigaction action = { .sa_handler = nothing };
    sigaction(SIGUSR1, &action, NULL);
    ram[FLAG] = 0;
    start_at(answer, sizeof answer);
    need(!pthread_create(&thread, NULL, spin, NULL), "pthread_create");
    long start = 0;
    for (int i = -ROUNDS; i < ROUNDS; i++) {
        if (i == 0)
            start = now();
        unsigned char next = ram[FLAG] + 1;
        ram[FLAG] = next;
        while (ram[FLAG] == next)
            ;
    }
    printf("round-trip %.0f\n", (double)(now() - start) / ROUNDS);
    pthread_kill(thread, SIGUSR1);
    pthread_join(thread, NULL);
}

int main(void)
{
    void *own = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ram = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
    need(kvm >= 0, "/dev/kvm");
    int vm = ioctl(kvm, KVM_CREATE_VM, 0);
    need(vm >= 0, "KVM_CREATE_VM");
    struct kvm_userspace_memory_region slot = {
        .memory_size = SIZE, .userspace_addr = (unsigned long)ram };
    need(!ioctl(vm, KVM_SET_USER_MEMORY_REGION, &slot), "KVM_SET_USER_MEMORY_REGION");
    vcpu = ioctl(vm, KVM_CREATE_VCPU, 0);
    need(vcpu >= 0, "KVM_CREATE_VCPU");
    int size = ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
    run = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu, 0);
    need(run != MAP_FAILED, "mmap");
    program_speed("own", own);
    program_speed("guest", (void *)ram);
    guest_speed("guest-writes", stores, sizeof stores);
    guest_speed("guest-reads", loads, sizeof loads);
    round_trips();
    return 0;
}
