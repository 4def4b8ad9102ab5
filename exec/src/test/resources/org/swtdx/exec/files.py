"""KVM's descriptors as the kernel's: copies, inheritance, passing, the order of closing, deaths."""

import array
import ctypes
import errno
import fcntl
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

from client import (
    GREET, KVM_CREATE_GUEST_MEMFD, KVM_CREATE_VCPU, KVM_CREATE_VM, KVM_EXIT_HLT, KVM_EXIT_IO,
    KVM_GET_API_VERSION, KVM_GET_STATS_FD, Machine, ioctl, ioctl_into, ioctl_result, libc)

KVM_CHECK_EXTENSION = 0xAE03
SW_PROTECTED = 1
KEEP_SIZE, PUNCH_HOLE = 1, 2
PRIVATE_SIZE = 0x4000


def open_kvm():
    return os.open("/dev/kvm", os.O_RDWR | os.O_CLOEXEC)


def private_file(vm, size=PRIVATE_SIZE):
    return ioctl_result(vm, KVM_CREATE_GUEST_MEMFD, struct.pack("=QQ48x", size, 0))


def error_of(call, *arguments):
    """0, or the number of the error that a call of the C library gives."""
    return 0 if call(*arguments) >= 0 else ctypes.get_errno()


def in_child(work):
    child = os.fork()
    if child == 0:
        try:
            work()
            os._exit(0)
        except BaseException as failure:
            print("in a child:", repr(failure), file=sys.stderr, flush=True)
            os._exit(1)
    return child


def reap(child, status=0):
    assert os.waitpid(child, 0)[1] == status


def works(fd):
    return ioctl(fd, KVM_GET_API_VERSION) == 12


def test_copies():
    kvm = open_kvm()
    copies = [os.dup(kvm), os.dup2(kvm, 200), os.dup2(kvm, 201, inheritable=False)]
    copies += [fcntl.fcntl(kvm, command, 300) for command in (fcntl.F_DUPFD, fcntl.F_DUPFD_CLOEXEC)]
    copies.append(libc.syscall(292, kvm, 400, os.O_CLOEXEC))  # dup3
    os.close(kvm)
    assert [fcntl.fcntl(fd, fcntl.F_GETFD) for fd in (200, 201, 400)] == [0, 1, 1]
    while copies:
        assert all(works(fd) for fd in copies)
        os.close(copies.pop())
    # A number that meant a VM means a pipe, and the other way round.
    kvm = open_kvm()
    vm = ioctl(kvm, KVM_CREATE_VM)
    pipe, _ = os.pipe()
    kept = os.dup(vm)
    os.dup2(pipe, vm)
    assert error_of(libc.ioctl, vm, ctypes.c_ulong(KVM_CREATE_VCPU), 0) == errno.ENOTTY
    os.dup2(kept, pipe)
    assert ioctl(pipe, KVM_CREATE_VCPU) >= 0
    os.close(kept)
    os.close(pipe)


def test_exec():
    kvm = open_kvm()
    vm = ioctl(kvm, KVM_CREATE_VM)
    vcpu = ioctl(vm, KVM_CREATE_VCPU)
    private = private_file(vm)
    statistics = ioctl(vm, KVM_GET_STATS_FD)
    for fd in (vm, vcpu, private, statistics):
        assert fcntl.fcntl(fd, fcntl.F_GETFD) == fcntl.FD_CLOEXEC
    os.set_inheritable(kvm, True)
    after = """
import fcntl, os, sys
kvm, others = int(sys.argv[1]), [int(a) for a in sys.argv[2:]]
for fd in others:
    try:
        fcntl.fcntl(fd, fcntl.F_GETFD)
        sys.exit("descriptor %d is open" % fd)
    except OSError:
        pass
assert fcntl.ioctl(kvm, 0xae00, 0) == 12 and fcntl.ioctl(kvm, 0xae01, 0) >= 0
"""
    numbers = [str(fd) for fd in (kvm, vm, vcpu, private, statistics)]
    subprocess.run([sys.executable, "-c", after, *numbers], close_fds=False, check=True)


def test_order():
    # Each file lasts as long as a descriptor of it, whatever became of those it was made from.
    kvm = open_kvm()
    vm = ioctl(kvm, KVM_CREATE_VM, SW_PROTECTED)
    vcpu = ioctl(vm, KVM_CREATE_VCPU)
    private = private_file(vm)
    statistics = ioctl(vm, KVM_GET_STATS_FD)
    os.close(kvm)
    assert ioctl(vm, KVM_CHECK_EXTENSION, 0) >= 0
    os.close(vm)
    assert ioctl_into(vcpu, 0x8090AE81, bytearray(144)) == 0  # KVM_GET_REGS
    assert len(os.pread(statistics, 24, 0)) == 24
    os.close(vcpu)
    assert os.fstat(private).st_size == PRIVATE_SIZE
    assert error_of(libc.fallocate, private, KEEP_SIZE, off(0), off(0x1000)) == 0
    assert error_of(libc.fallocate, private, KEEP_SIZE | PUNCH_HOLE, off(0), off(0x1000)) == 0
    assert len(os.pread(statistics, 24, 0)) == 24
    os.close(private)
    os.close(statistics)


def off(bytes):
    return ctypes.c_long(bytes)


def test_allocation():
    kvm = open_kvm()
    vm = ioctl(kvm, KVM_CREATE_VM, SW_PROTECTED)
    private = private_file(vm)

    def allocate(mode, offset, length, fd=private):
        return error_of(libc.fallocate, fd, mode, off(offset), off(length))

    assert allocate(KEEP_SIZE, 0, PRIVATE_SIZE) == 0
    assert allocate(KEEP_SIZE, 0x1000, 0x2000) == 0
    assert allocate(KEEP_SIZE | PUNCH_HOLE, 0x1000, 0x1000) == 0
    assert allocate(KEEP_SIZE | PUNCH_HOLE, 0x1000, 0x100000) == 0  # to the end, and beyond
    for mode in (0, PUNCH_HOLE, KEEP_SIZE | 0x10, KEEP_SIZE | 8, 0x20, 0x40):
        assert allocate(mode, 0, 0x1000) == errno.EOPNOTSUPP, mode
    for offset, length in ((0, 0), (-0x1000, 0x1000), (0, -0x1000)):
        assert allocate(KEEP_SIZE, offset, length) == errno.EINVAL
        assert allocate(0, offset, length) == errno.EINVAL
    for mode in (KEEP_SIZE, KEEP_SIZE | PUNCH_HOLE):
        for offset, length in ((0x800, 0x1000), (0, 0x800)):
            assert allocate(mode, offset, length) == errno.EINVAL
        assert allocate(mode, 0x7FFFFFFFFFFFF000, 0x2000) == errno.EFBIG
    assert allocate(KEEP_SIZE, 0x1000, PRIVATE_SIZE) == errno.EINVAL
    assert os.fstat(private).st_size == PRIVATE_SIZE
    assert error_of(libc.ftruncate, private, off(0x1000)) == errno.EINVAL
    for fd in (kvm, vm):
        assert allocate(KEEP_SIZE, 0, 0x1000, fd) == errno.ENODEV
        assert allocate(KEEP_SIZE, 0, 0, fd) == errno.EINVAL
    file = os.memfd_create("other")
    assert allocate(0, 0, 0x3000, file) == 0 and os.fstat(file).st_size == 0x3000
    os.ftruncate(file, 5)
    assert os.fstat(file).st_size == 5


def send(channel, *fds):
    channel.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))])


def receive(channel, count):
    _, control, _, _ = channel.recvmsg(1, socket.CMSG_SPACE(4 * count))
    return list(array.array("i", control[0][2]))


def test_passed():
    # A child opens the device; the parent has it when the child is dead, and what it makes of it.
    ours, theirs = socket.socketpair()
    reap(in_child(lambda: send(theirs, open_kvm())))
    (kvm,) = receive(ours, 1)
    vm = ioctl(kvm, KVM_CREATE_VM)
    # Whoever gets a VM can hold it, no more; the maker can use it when it comes back.
    private = private_file(vm)
    vcpu = ioctl(vm, KVM_CREATE_VCPU)
    send(ours, vm, vcpu, private)
    for fd in (kvm, vm, vcpu, private):
        os.close(fd)

    def hold():
        fds = receive(theirs, 3)
        for fd, number in zip(fds, (KVM_CREATE_VCPU, 0xAE80)):
            assert error_of(libc.ioctl, fd, ctypes.c_ulong(number), 1) == errno.EIO
        send(theirs, *fds)

    reap(in_child(hold))
    vm, vcpu, private = receive(ours, 3)
    assert ioctl(vm, KVM_CREATE_VCPU, 1) >= 0
    assert error_of(libc.fallocate, private, KEEP_SIZE, off(0), off(0x1000)) == 0
    # What is on its way through a socket that nobody will read any more is gone with it.
    send(ours, vm, vcpu, private)
    for fd in (vm, vcpu, private):
        os.close(fd)
    ours.close()
    theirs.close()


def test_deaths():
    # The maker dies, by itself or not; a child that inherited the descriptors lives on for a while.
    for death in (lambda: os._exit(0), lambda: os.kill(os.getpid(), signal.SIGKILL)):
        told, tell = os.pipe()

        def maker():
            machine = Machine(GREET)

            def heir():
                os.close(tell)
                os.read(told, 1)  # until the maker is dead
                number = ctypes.c_ulong(0xAE80)
                assert error_of(libc.ioctl, machine.vcpu, number, 0) == errno.EIO
                assert works(machine.kvm)

            in_child(heir)
            assert machine.run() == KVM_EXIT_IO
            death()

        child = in_child(maker)
        os.waitpid(child, 0)
        os.close(tell)
        os.close(told)
    # A guest that nobody has a descriptor of any more runs on for who is in KVM_RUN, as signals do.
    # again: inc byte [0x3000]; cmp byte [0x3001], 0; je again; hlt
    machine = Machine(bytes.fromhex("fe060030 803e013000 74f5 f4".replace(" ", "")))
    machine.run_area.close()
    os.close(machine.vm)
    results = []

    def run():
        for _ in range(2):
            results.append(error_of(libc.ioctl, machine.vcpu, ctypes.c_ulong(0xAE80), 0))

    signal.signal(signal.SIGUSR1, lambda *_: None)
    runner = threading.Thread(target=run)
    runner.start()
    while machine.ram[0x3000] == 0:
        time.sleep(0.001)
    os.close(machine.vcpu)
    time.sleep(0.02)
    assert not results
    signal.pthread_kill(runner.ident, signal.SIGUSR1)
    runner.join()
    assert results == [errno.EINTR, errno.EBADF], results


def test_shared_table():
    """Two processes with one table of descriptors, and two threads with a table each."""
    child = libc.syscall(56, 0x400 | signal.SIGCHLD, 0, 0, 0, 0)  # clone with CLONE_FILES
    if child == 0:
        os.dup2(open_kvm(), 77)
        os._exit(0)
    reap(child)
    assert works(77)
    vm = ioctl(77, KVM_CREATE_VM, SW_PROTECTED)
    failures = []

    def alone():
        try:
            assert libc.unshare(0x400) == 0  # CLONE_FILES
            os.close(77)
            mine = private_file(vm)
            ram = libc.mmap(None, ctypes.c_size_t(PRIVATE_SIZE), 3, 0x22, -1, off(0))
            region = struct.pack("=IIQQQQII112x", 0, 4, 0, PRIVATE_SIZE, ram, 0, mine, 0)
            assert ioctl_result(vm, 0x40A0AE49, region) == 0
            os.close(mine)
        except BaseException as failure:
            failures.append(failure)

    thread = threading.Thread(target=alone)
    thread.start()
    thread.join()
    assert not failures, failures
    assert works(77)


def test_permission():
    """Prints what the kernel says of the host's state components; those of guests are looked at."""
    mask = ctypes.c_ulonglong(0)
    answers = []
    for option in (0x1021, 0x1022):  # ARCH_GET_XCOMP_SUPP, ARCH_GET_XCOMP_PERM
        error = error_of(libc.syscall, 158, option, ctypes.byref(mask))
        answers.append((error, mask.value if error == 0 else 0))
    answers.append(error_of(libc.syscall, 158, 0x1023, 18))  # ARCH_REQ_XCOMP_PERM
    answers.append(error_of(libc.syscall, 158, 0x1003, ctypes.byref(mask)))  # ARCH_GET_FS
    print(answers)
    if len(sys.argv) > 2:
        return
    assert error_of(libc.syscall, 158, 0x1024, ctypes.byref(mask)) == 0  # ARCH_GET_XCOMP_GUEST_PERM
    assert mask.value == 0xE7, hex(mask.value)
    assert error_of(libc.syscall, 158, 0x1024, 8) == errno.EFAULT
    for feature, error in ((0, errno.EOPNOTSUPP), (2, errno.EOPNOTSUPP), (18, errno.EOPNOTSUPP),
                           (19, errno.EINVAL), (-1, errno.EINVAL)):
        assert error_of(libc.syscall, 158, 0x1025, ctypes.c_long(feature)) == error, feature


if __name__ == "__main__":
    if sys.argv[1] == "permission":
        test_permission()
    else:
        for name in sys.argv[1:]:
            globals()["test_" + name]()
