/* What a system call costs that another process answers.
 *
 *   roundtrip native   ioctl KVM_GET_API_VERSION on /dev/null: the kernel's own ENOTTY
 *   roundtrip notify   the same ioctl, answered by a bare seccomp supervisor: receive and send
 *   roundtrip kvm      the same ioctl on /dev/kvm
 *
 * Prints median, 99th percentile and mean in nanoseconds. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/kvm.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef SECCOMP_IOCTL_NOTIF_SET_FLAGS
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS SECCOMP_IOW(4, unsigned long long)
#endif

enum { WARM_UP = 20000, CALLS = 20000 };

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

static void measure(int fd, int expected)
{
    static long took[CALLS];
    long sum = 0;
    for (int i = -WARM_UP; i < CALLS; i++) {
        long start = now();
        int result = ioctl(fd, KVM_GET_API_VERSION, 0);
        long end = now();
        if (result != expected) {
            fprintf(stderr, "roundtrip: ioctl gave %d: %s\n", result, strerror(errno));
            exit(1);
        }
        if (i >= 0) {
            took[i] = end - start;
            sum += end - start;
        }
    }
    qsort(took, CALLS, sizeof *took, by_value);
    printf("%ld %ld %ld\n", took[CALLS / 2], took[CALLS * 99 / 100], sum / CALLS);
}

/* Puts a filter on this process whose ioctls of KVM's type wait for an answer. */
static int listen_to_self(void)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_ioctl, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[1])),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, KVM_GET_API_VERSION, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = { sizeof code / sizeof *code, code };
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
}

static void supervise(int listener)
{
    struct seccomp_notif call;
    struct seccomp_notif_resp answer;
    ioctl(listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS, 1UL);
    for (;;) {
        memset(&call, 0, sizeof call);
        if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &call)) {
            if (errno == EINTR)
                continue;
            return;
        }
        memset(&answer, 0, sizeof answer);
        answer.id = call.id;
        answer.val = KVM_API_VERSION;
        ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
    }
}

static void measure_notified(void)
{
    int ends[2];
    if (pipe(ends))
        exit(1);
    pid_t child = fork();
    if (child == 0) {
        int listener = listen_to_self();
        if (listener < 0 || write(ends[1], &listener, sizeof listener) < 0)
            exit(1);
        measure(0, KVM_API_VERSION);
        exit(0);
    }
    int theirs, status;
    if (read(ends[0], &theirs, sizeof theirs) != sizeof theirs)
        exit(1);
    int pidfd = syscall(SYS_pidfd_open, child, 0);
    int listener = syscall(SYS_pidfd_getfd, pidfd, theirs, 0);
    if (listener < 0) {
        perror("roundtrip: no listener");
        kill(child, SIGKILL);
        exit(1);
    }
    pid_t supervisor = fork();
    if (supervisor == 0) {
        supervise(listener);
        exit(0);
    }
    waitpid(child, &status, 0);
    kill(supervisor, SIGKILL);
    waitpid(supervisor, NULL, 0);
    exit(status != 0);
}

int main(int argc, char **argv)
{
    const char *mode = argc > 1 ? argv[1] : "";
    if (!strcmp(mode, "native"))
        measure(open("/dev/null", O_RDWR), -1);
    else if (!strcmp(mode, "kvm"))
        measure(open("/dev/kvm", O_RDWR), KVM_API_VERSION);
    else if (!strcmp(mode, "notify"))
        measure_notified();
    else
        return 2;
    return 0;
}
