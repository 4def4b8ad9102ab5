"""Programs that mean no good, or have no luck: the supervisor survives them, and so do others."""

import ctypes
import errno
import fcntl
import mmap
import os
import random
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time

from client import (
    GREET, KVM_CREATE_GUEST_MEMFD, KVM_CREATE_VCPU, KVM_CREATE_VM, KVM_EXIT_HLT, KVM_EXIT_IO,
    KVM_RUN, KVM_SET_USER_MEMORY_REGION, SIZE, SPIN, Machine, add_pages, greet, ioctl, ioctl_result,
    launch_td, libc)

# again: inc dword [0x3000]; jmp again
COUNT = bytes.fromhex("66ff060030ebf9")


def off(bytes):
    return ctypes.c_long(bytes)


def kvm_run(vcpu):
    """0, or the number of the error."""
    return 0 if libc.ioctl(vcpu, ctypes.c_ulong(KVM_RUN), 0) == 0 else ctypes.get_errno()


def running(machine):
    """Runs the guest in a thread, until KVM_RUN ends: the thread, and how."""
    results = []
    thread = threading.Thread(target=lambda: results.append(kvm_run(machine.vcpu)), daemon=True)
    thread.start()
    end = time.monotonic() + 10
    while machine.ram[0x3000] == 0 and machine.ram[0x3001] == 0:
        assert not results and time.monotonic() < end, results
    return thread, results


def in_children(count, work):
    children = []
    for number in range(count):
        child = os.fork()
        if child == 0:
            try:
                work(number)
            except BaseException as failure:
                print("child", number, repr(failure), file=sys.stderr, flush=True)
            os._exit(9)
        children.append(child)
    return children


def test_pointers():
    """Every ioctl there is, on every kind of file, with pointers to nothing."""
    numbers = [int(text) for text in sys.argv[2].split(",")]
    machine = Machine(GREET)
    private = ioctl_result(machine.vm, KVM_CREATE_GUEST_MEMFD, struct.pack("=QQ48x", 0x4000, 0))
    hole = libc.mmap(None, ctypes.c_size_t(0x3000), 3, 0x22, -1, off(0))
    libc.munmap(ctypes.c_void_p(hole + 0x1000), ctypes.c_size_t(0x1000))
    libc.mprotect(ctypes.c_void_p(hole + 0x2000), ctypes.c_size_t(0x1000), 1)
    makers = (KVM_CREATE_VM, KVM_CREATE_VCPU, KVM_CREATE_GUEST_MEMFD, 0xAECE)  # KVM_GET_STATS_FD
    bad = (0, 1, hole + 0xFFC, hole + 0x1000, hole + 0x2000, 0x7FFFFFFFFFF8, 1 << 63, -8)
    for fd in (machine.kvm, machine.vm, machine.vcpu, private):
        for number in numbers:
            for pointer in bad:
                result = libc.ioctl(fd, ctypes.c_ulong(number), ctypes.c_long(pointer))
                if number in makers and result >= 0:
                    os.close(result)
                assert result >= 0 or ctypes.get_errno() != errno.EIO, (hex(number), pointer)
    greet()


def test_places():
    """Memory slots of addresses where no memory is, or none that can be lent."""
    machine = Machine(GREET)
    reserved = libc.mmap(None, ctypes.c_size_t(1 << 36), 0, 0x4022, -1, off(0))
    maps = [line.split() for line in open("/proc/self/maps")]
    places = [(int(m[0].split("-")[0], 16), 0x1000) for m in maps if m[-1].startswith("[")]
    places += [(reserved, 1 << 36), (0x1000, 0x1000), (0x7FFFFFFFE000, 0x1000), (1 << 50, 1 << 20)]
    places += [(0x800000000000 - 0x1000, 0x2000), (-0x1000 & (1 << 64) - 1, 0x1000), (8, 0x1000)]
    for address, size in places:
        if address == int(next(m for m in maps if m[-1] == "[stack]")[0].split("-")[0], 16):
            continue
        region = struct.pack("=IIQQQ", 1, 0, 0x100000, size, address)
        if libc.ioctl(machine.vm, ctypes.c_ulong(KVM_SET_USER_MEMORY_REGION), region) == 0:
            region = struct.pack("=IIQQQ", 1, 0, 0, 0, 0)
            ioctl(machine.vm, KVM_SET_USER_MEMORY_REGION, region)
    assert machine.run() == KVM_EXIT_IO


def test_closing():
    """Descriptors come and go, and mean something else, while threads are in calls on them."""
    kvm = os.open("/dev/kvm", os.O_RDWR)
    over = time.monotonic() + 0.5
    failures = []

    def use():
        while time.monotonic() < over:
            for fd in range(kvm + 1, kvm + 8):
                for number in (KVM_CREATE_VCPU, KVM_RUN, 0xAE03):
                    if libc.ioctl(fd, ctypes.c_ulong(number), 0) == -1:
                        if ctypes.get_errno() == errno.EIO:
                            failures.append(number)

    threads = [threading.Thread(target=use) for _ in range(3)]
    for thread in threads:
        thread.start()
    while time.monotonic() < over:
        vm = libc.ioctl(kvm, ctypes.c_ulong(KVM_CREATE_VM), 0)
        os.dup2(kvm, kvm + random.randrange(1, 8))
        os.closerange(kvm + 1, kvm + 12)
    for thread in threads:
        thread.join()
    assert not failures, failures
    os.closerange(kvm, kvm + 12)


def test_dying():
    """Processes that end, in one way or another, in the middle of everything."""

    def live_and_die(number):
        machine = Machine(COUNT)
        ways = (
            lambda: os._exit(0),
            lambda: os.kill(os.getpid(), signal.SIGKILL),
            lambda: libc.syscall(60, 0),  # the main thread alone; then the others
            lambda: os.execv("/bin/true", ["true"]),
            lambda: ctypes.string_at(8))

        def die():
            time.sleep(random.random() / 20)
            os.execv("/bin/true", ["true"]) if number % 2 else os._exit(0)

        def hammer():
            while True:
                ioctl(machine.vm, 0xAE03, 1)
                os.close(ioctl(machine.kvm, KVM_CREATE_VM))

        running(machine)
        for work in (hammer, hammer, die):
            threading.Thread(target=work, daemon=True).start()
        time.sleep(random.random() / 20)
        ways[number % len(ways)]()

    signal.signal(signal.SIGSEGV, signal.SIG_DFL)
    for child in in_children(10, live_and_die):
        assert os.waitpid(child, 0)[1] in (0, signal.SIGKILL, signal.SIGSEGV, 0x80 | signal.SIGSEGV)
    greet()


def test_replaced():
    """Another program takes the process over while its guest runs."""
    running(Machine(COUNT))
    os.execv("/bin/sh", ["sh", "-c", "test -c /dev/kvm && exit 3"])


def test_headless():
    """The first thread ends; another one makes a machine and uses it."""

    def work():
        try:
            while open("/proc/self/stat").read().rsplit(") ")[1][0] != "Z":
                time.sleep(0.001)
            greet()
            vm = ioctl(os.open("/dev/kvm", os.O_RDWR), KVM_CREATE_VM)
            request = struct.pack("=QQIiI36x", 0, 0x510, 1, os.eventfd(0), 2)
            assert libc.ioctl(vm, ctypes.c_ulong(0x4040AE79), request) == 0  # KVM_IOEVENTFD
            os._exit(0)
        except BaseException as failure:
            print(repr(failure), file=sys.stderr, flush=True)
            os._exit(1)

    threading.Thread(target=work).start()
    libc.syscall(60, 0)


def test_unmapped():
    """The guest's memory is unmapped, protected or replaced, its slot taken away, while it runs."""
    for take in ("unmap", "protect", "replace", "slot"):
        machine = Machine(COUNT)
        address = ctypes.addressof(ctypes.c_char.from_buffer(machine.ram))
        thread, results = running(machine)
        signal.signal(signal.SIGUSR1, lambda *_: None)
        region = struct.pack("=IIQQQ", 0, 0, 0, 0, address)
        size = ctypes.c_size_t(SIZE)
        if take == "unmap":
            assert libc.munmap(ctypes.c_void_p(address), size) == 0
        elif take == "protect":
            assert libc.mprotect(ctypes.c_void_p(address), size, 0) == 0
        elif take == "replace":
            assert libc.mmap(ctypes.c_void_p(address), size, 3, 0x32, -1, off(0)) == address
        if take != "protect":
            ioctl(machine.vm, KVM_SET_USER_MEMORY_REGION, region)
        else:
            signal.pthread_kill(thread.ident, signal.SIGUSR1)
        thread.join(20)
        assert not thread.is_alive(), take
        assert results[0] in (0, errno.EINTR, errno.EFAULT), (take, results)
        if take == "unmap":  # for Python, which still has it
            libc.mmap(ctypes.c_void_p(address), size, 3, 0x32, -1, off(0))
    greet()


def file_into(files):
    """Memory of files that are added to a list."""

    def memory(size):
        files.append(os.memfd_create("ram"))
        os.ftruncate(files[-1], size)
        ram = mmap.mmap(files[-1], size)
        return ram, ctypes.addressof(ctypes.c_char.from_buffer(ram))

    return memory


def test_truncated():
    """The file of the guest's memory, and that of kvm_run, is cut off while the guest runs."""
    files = []
    machine = Machine(COUNT, file_into(files))
    thread, results = running(machine)
    os.ftruncate(files[0], 0)
    thread.join()
    assert results == [errno.EFAULT], results
    for size in (0, SIZE):  # which waits until no vCPU uses the slot any more
        region = struct.pack("=IIQQQ", 0, 0, 0, size, machine.address)
        ioctl(machine.vm, KVM_SET_USER_MEMORY_REGION, region)
    assert kvm_run(machine.vcpu) == errno.EFAULT
    os.ftruncate(files[0], SIZE)
    machine.ram[0x1000:0x1001] = b"\xf4"
    machine.registers(rip=0x1000, rflags=2)
    assert machine.run() == KVM_EXIT_HLT
    cuts = (lambda path: os.truncate(path, 0), lambda path: os.open(path, os.O_RDWR | os.O_TRUNC))
    for cut in 30 * cuts:
        machine = Machine(COUNT)
        thread, results = running(machine)
        time.sleep(random.random() / 500)
        cut("/proc/self/fd/%d" % machine.vcpu)
        thread.join()
        assert results == [errno.EFAULT], results
        assert kvm_run(machine.vcpu) == errno.EFAULT
        assert Machine(GREET).run() == KVM_EXIT_IO


def test_sources():
    """What a TD is to begin with is in a file that is cut off, and comes back."""
    files = []

    def add(vcpu, address):
        assert add_pages(vcpu, address + 0x100000, 0x100000, 1) == 0
        os.ftruncate(files[0], 0x201000)
        assert add_pages(vcpu, address + 0x200000, 0x200000, 3) == errno.EFAULT
        os.ftruncate(files[0], 4 << 20)
        assert add_pages(vcpu, address + 0x201000, 0x201000, 2) == 0

    launch_td(1, file_into(files), add)
    greet()


def test_elsewhere():
    """Other namespaces, another root, another user; helpers that vfork starts while a guest runs."""
    machine = Machine(COUNT)
    thread, results = running(machine)
    for _ in range(5):
        subprocess.run(["/bin/true"], check=True, close_fds=False)
        subprocess.run(["/bin/sh", "-c", "test -w /dev/kvm"], check=True)

    def leave(number):
        user, others = 0x10000000, 0x20000000 | 0x20000 | 0x200 | 0x40000000 | 0x8000000 | 0x4000000
        may = libc.unshare(others | (user if number == 1 else 0)) == 0
        if may and os.fork() != 0:
            os._exit(os.waitstatus_to_exitcode(os.wait()[1]))
        if may and number and os.geteuid() == 0:
            os.chroot("/tmp")
            os.chdir("/")
            assert not os.path.exists("/usr")
        greet()
        os.chdir("/")
        if may and number == 2 and os.geteuid() == 0:
            os.setresgid(65534, 65534, 65534)
            os.setresuid(65534, 65534, 65534)
            libc.prctl(4, 1, 0, 0, 0)  # PR_SET_DUMPABLE
            greet()
        os._exit(0)

    for child in in_children(3, leave):
        assert os.waitpid(child, 0)[1] == 0
    assert not results, results


def test_filtered():
    """A listener of one's own is refused, a filter is not."""
    allow = struct.pack("=HBBI", 6, 0, 0, 0x7FFF0000)
    code = ctypes.create_string_buffer(allow, len(allow))
    program = struct.pack("=H6xQ", 1, ctypes.addressof(code))
    assert libc.syscall(317, 1, 8, program) == -1 and ctypes.get_errno() == errno.EBUSY
    assert libc.syscall(317, 1, 0, program) == 0
    greet()


def test_traced():
    """A debugger has the program: anonymous memory cannot be lent, that of a memfd can."""
    from client import anonymous, memfd
    told, tell = os.pipe()
    traced, trace = os.pipe()

    def child(_):
        os.read(traced, 1)
        greet(memfd)
        kvm = os.open("/dev/kvm", os.O_RDWR)
        vm = ioctl(kvm, KVM_CREATE_VM)
        ram, address = anonymous(SIZE)
        region = struct.pack("=IIQQQ", 0, 0, 0, SIZE, address)
        assert libc.ioctl(vm, ctypes.c_ulong(KVM_SET_USER_MEMORY_REGION), region) == -1
        assert ctypes.get_errno() == errno.EFAULT
        os._exit(0)

    (pid,) = in_children(1, child)
    assert libc.ptrace(0x4206, pid, 0, 0) == 0  # PTRACE_SEIZE
    os.write(trace, b"x")
    assert os.waitpid(pid, 0)[1] == 0


def test_unstoppable():
    """A thread waits for its child of vfork, which waits for who lends memory: that goes on, without."""
    from client import anonymous
    folder = tempfile.mkdtemp()
    pipe = os.path.join(folder, "pipe")
    os.mkfifo(pipe)
    actions = ctypes.create_string_buffer(256)
    assert libc.posix_spawn_file_actions_init(actions) == 0
    assert libc.posix_spawn_file_actions_addopen(actions, 0, pipe.encode(), os.O_RDONLY, 0) == 0
    child = ctypes.c_int()
    arguments = (ctypes.c_char_p * 2)(b"true", None)
    spawn = threading.Thread(
        target=libc.posix_spawn,
        args=(ctypes.byref(child), b"/bin/true", actions, None, arguments, None))

    def in_kernel(task):
        with open("/proc/self/task/%s/stat" % task) as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] == "D"

    kvm = os.open("/dev/kvm", os.O_RDWR)
    vm = ioctl(kvm, KVM_CREATE_VM)
    ram, address = anonymous(SIZE)
    region = struct.pack("=IIQQQ", 0, 0, 0, SIZE, address)
    spawn.start()
    while not any(in_kernel(task) for task in os.listdir("/proc/self/task")):
        time.sleep(0.01)
    assert libc.ioctl(vm, ctypes.c_ulong(KVM_SET_USER_MEMORY_REGION), region) == -1
    assert ctypes.get_errno() == errno.EFAULT
    os.close(os.open(pipe, os.O_WRONLY))
    spawn.join()
    assert os.waitpid(child.value, 0)[1] == 0
    shutil.rmtree(folder)
    ioctl(vm, KVM_SET_USER_MEMORY_REGION, region)
    greet()


def test_forbidding():
    """A filter of the program's own does not let it map what its memory is moved to, and tells by SIGSYS."""
    from client import anonymous, memfd
    instructions = [(0x20, 0, 0, 0), (0x15, 0, 3, 9),  # mmap
                    (0x20, 0, 0, 40), (0x15, 0, 1, 0x11),  # MAP_SHARED | MAP_FIXED
                    (6, 0, 0, 0x30000), (6, 0, 0, 0x7FFF0000)]  # trap, allow
    code = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *i) for i in instructions))
    program = struct.pack("=H6xQ", len(instructions), ctypes.addressof(code))
    assert libc.prctl(38, 1, 0, 0, 0) == 0  # PR_SET_NO_NEW_PRIVS
    assert libc.syscall(317, 1, 0, program) == 0
    kvm = os.open("/dev/kvm", os.O_RDWR)
    vm = ioctl(kvm, KVM_CREATE_VM)
    ram, address = anonymous(SIZE)
    ram[:5] = b"still"
    region = struct.pack("=IIQQQ", 0, 0, 0, SIZE, address)
    files = os.listdir("/proc/self/fd")
    for _ in range(2):
        assert libc.ioctl(vm, ctypes.c_ulong(KVM_SET_USER_MEMORY_REGION), region) == -1
        assert ctypes.get_errno() == errno.EFAULT
    assert os.listdir("/proc/self/fd") == files
    assert ram[:5] == b"still"
    greet(memfd)


def test_undumpable():
    """Memory that swtdx cannot reach, if it has no right to do more than its user."""
    assert os.path.exists("/dev/kvm")
    assert libc.prctl(4, 0, 0, 0, 0) == 0  # PR_SET_DUMPABLE
    assert os.path.exists("/dev/kvm") == ("kvm" in os.listdir("/dev"))  # the machine's own


def test_orphaned():
    """Who answers is killed: the error that the running guest ends with goes to a file."""
    machine = Machine(COUNT)
    file = os.open(sys.argv[2] + ".new", os.O_WRONLY | os.O_CREAT)
    thread, results = running(machine)
    os.write(file, b"running")
    os.rename(sys.argv[2] + ".new", sys.argv[2])
    thread.join()
    os.lseek(file, 0, os.SEEK_SET)
    os.write(file, b"%7d" % results[0])  # nothing can be opened, or cut off, any more


if __name__ == "__main__":
    globals()["test_" + sys.argv[1]]()
