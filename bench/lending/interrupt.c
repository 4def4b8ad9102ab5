/* How soon KVM_RUN ends a run, in a guest that does nothing but count.
 *
 * Prints lines "name median p99" in nanoseconds: from the call that sends a signal (by another thread of
 * the program, and by another process), and from the store to immediate_exit by another thread, to the
 * return of KVM_RUN; KVM_RUN with immediate_exit set before; and an OUT of the guest to the next one. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { CODE = 0x1000, COUNT = 0x2000, ROUNDS = 400, QUICK = 40000, PAUSE_MICROSECONDS = 2000 };

/* inc word [COUNT] and back; out 0x80, al and back */
static const unsigned char count[] = { 0xff, 0x06, COUNT & 0xff, COUNT >> 8, 0xeb, 0xfa },
                           busy[] = { 0xe6, 0x80, 0xeb, 0xfc };

static unsigned char *ram;
static int vcpu;
static struct kvm_run *run;
static atomic_int rounds;
static atomic_long returned;
static pthread_t runner;

static long now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000L + t.tv_nsec;
}

static int by_value(const void *a, const void *b)
{
    long x = *(const long *)a, y = *(const long *)b;
    return (x > y) - (x < y);
}

static void need(int ok, const char *what)
{
    if (!ok) {
        perror(what);
        exit(1);
    }
}

static void show(const char *name, long *took, int count)
{
    qsort(took, count, sizeof *took, by_value);
    printf("%s %ld %ld\n", name, took[count / 2], took[count * 99 / 100]);
}

static void start_at(const unsigned char *code, unsigned length)
{
    struct kvm_sregs system;
    struct kvm_regs regs = { .rip = CODE, .rflags = 2 };
    memcpy(ram + CODE, code, length);
    need(!ioctl(vcpu, KVM_GET_SREGS, &system), "KVM_GET_SREGS");
    system.cs.base = 0;
    system.cs.selector = 0;
    need(!ioctl(vcpu, KVM_SET_SREGS, &system), "KVM_SET_SREGS");
    need(!ioctl(vcpu, KVM_SET_REGS, &regs), "KVM_SET_REGS");
}

static void nothing(int number)
{
    (void)number;
}

static void *run_again(void *times)
{
    for (long i = 0; i < (long)times; i++) {
        int result = ioctl(vcpu, KVM_RUN, 0);
        atomic_store(&returned, now());
        need(result == -1 && errno == EINTR, "KVM_RUN");
        run->immediate_exit = 0;
        atomic_fetch_add(&rounds, 1);
    }
    return NULL;
}

static void send(void)
{
    pthread_kill(runner, SIGUSR1);
}

static void store(void)
{
    __atomic_store_n(&run->immediate_exit, 1, __ATOMIC_SEQ_CST);
}

static int to_child[2], thread_of_runner;

static void ask_child(void)
{
    need(write(to_child[1], "x", 1) == 1, "write");
}

static void *run_and_tell(void *times)
{
    thread_of_runner = gettid();
    return run_again(times);
}

/* Until the guest counts, which it does in a run: a signal that came before would end none. */
static void await_guest(void)
{
    unsigned short before = *(volatile unsigned short *)(ram + COUNT);
    while (*(volatile unsigned short *)(ram + COUNT) == before)
        usleep(50);
}

static void measure(const char *name, void (*interrupt)(void))
{
    static long took[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
        int before = atomic_load(&rounds);
        usleep(PAUSE_MICROSECONDS);
        await_guest();
        long start = now();
        interrupt();
        while (atomic_load(&rounds) == before)
            usleep(50);
        took[i] = atomic_load(&returned) - start;
    }
    show(name, took, ROUNDS);
}

int main(void)
{
    static long took[QUICK];
    need(!pipe(to_child), "pipe");
    int pipe_of_thread[2];
    need(!pipe(pipe_of_thread), "pipe");
    pid_t parent = getpid(), child = fork();
    if (child == 0) {
        char byte;
        int thread;
        close(to_child[1]);
        close(pipe_of_thread[1]);
        need(read(pipe_of_thread[0], &thread, sizeof thread) == sizeof thread, "read");
        while (read(to_child[0], &byte, 1) == 1)
            tgkill(parent, thread, SIGUSR1);
        _exit(0);
    }
    struct sigaction action = { .sa_handler = nothing };
    sigaction(SIGUSR1, &action, NULL);
    ram = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
    need(kvm >= 0, "/dev/kvm");
    int vm = ioctl(kvm, KVM_CREATE_VM, 0);
    need(vm >= 0, "KVM_CREATE_VM");
    struct kvm_userspace_memory_region slot = {
        .memory_size = 1 << 20, .userspace_addr = (unsigned long)ram };
    need(!ioctl(vm, KVM_SET_USER_MEMORY_REGION, &slot), "KVM_SET_USER_MEMORY_REGION");
    vcpu = ioctl(vm, KVM_CREATE_VCPU, 0);
    need(vcpu >= 0, "KVM_CREATE_VCPU");
    int size = ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
    run = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu, 0);
    need(run != MAP_FAILED, "mmap");

    start_at(busy, sizeof busy);
    for (int i = -QUICK; i < QUICK; i++) {
        long start = now();
        need(!ioctl(vcpu, KVM_RUN, 0) && run->exit_reason == KVM_EXIT_IO, "KVM_RUN");
        if (i >= 0)
            took[i] = now() - start;
    }
    show("exit", took, QUICK);
    for (int i = 0; i < QUICK; i++) {
        run->immediate_exit = 1;
        long start = now();
        need(ioctl(vcpu, KVM_RUN, 0) == -1 && errno == EINTR, "KVM_RUN");
        took[i] = now() - start;
    }
    show("refused-entry", took, QUICK);

    run->immediate_exit = 0;
    start_at(count, sizeof count);
    need(!pthread_create(&runner, NULL, run_and_tell, (void *)(3L * ROUNDS)), "pthread_create");
    measure("signal", send);
    measure("immediate-exit", store);
    need(write(pipe_of_thread[1], &thread_of_runner, sizeof thread_of_runner) > 0, "write");
    measure("signal-of-another", ask_child);
    pthread_join(runner, NULL);
    close(to_child[1]);
    waitpid(child, NULL, 0);
    return 0;
}
