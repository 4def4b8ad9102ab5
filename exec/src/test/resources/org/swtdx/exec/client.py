"""A KVM client in plain system calls: what a program does that has never heard of swtdx."""

import ctypes
import fcntl
import mmap
import os
import signal
import socket
import struct
import sys
import threading
import time

libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
KVM_GET_API_VERSION = 0xAE00
KVM_CREATE_VM = 0xAE01
KVM_GET_VCPU_MMAP_SIZE = 0xAE04
KVM_CREATE_VCPU = 0xAE41
KVM_RUN = 0xAE80
KVM_ENABLE_CAP = 0x4068AEA3
KVM_SET_USER_MEMORY_REGION2 = 0x40A0AE49
KVM_SET_MEMORY_ATTRIBUTES = 0x4020AED2
KVM_CREATE_GUEST_MEMFD = 0xC040AED4
KVM_MEMORY_ENCRYPT_OP = 0xC008AEBA
KVM_SET_CPUID2 = 0x4008AE90
KVM_SET_USER_MEMORY_REGION = 0x4020AE46
KVM_GET_REGS = 0x8090AE81
KVM_SET_REGS = 0x4090AE82
KVM_GET_SREGS = 0x8138AE83
KVM_SET_SREGS = 0x4138AE84
KVM_GET_STATS_FD = 0xAECE
KVM_CREATE_IRQCHIP = 0xAE60
KVM_RESET_DIRTY_RINGS = 0xAEC7
KVM_CAP_DIRTY_LOG_RING = 192
KVM_CREATE_GUEST_MEMFD = 0xC040AED4
KVM_EXIT_IO = 2
KVM_EXIT_HLT = 5
KVM_EXIT_MMIO = 6
SIZE = 0x20000


def ioctl(fd, number, argument=0):
    return fcntl.ioctl(fd, number, argument)


def anonymous(size):
    ram = mmap.mmap(-1, size, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    return ram, ctypes.addressof(ctypes.c_char.from_buffer(ram))


def memfd(size):
    fd = os.memfd_create("ram")
    os.ftruncate(fd, size)
    ram = mmap.mmap(fd, size, mmap.MAP_SHARED)
    return ram, ctypes.addressof(ctypes.c_char.from_buffer(ram))


class Machine:
    def __init__(self, code, ram=anonymous, vcpus=1, ring=0, irqchip=False):
        self.kvm = os.open("/dev/kvm", os.O_RDWR | os.O_CLOEXEC)
        self.vm = ioctl(self.kvm, KVM_CREATE_VM)
        if irqchip:
            ioctl(self.vm, KVM_CREATE_IRQCHIP)
        if ring:
            ioctl(self.vm, KVM_ENABLE_CAP, struct.pack("=IIQ88x", KVM_CAP_DIRTY_LOG_RING, 0, ring))
        self.ram, self.address = ram(SIZE)
        self.ram[0x1000:0x1000 + len(code)] = code
        region = struct.pack("=IIQQQ", 0, 1 if ring else 0, 0, SIZE, self.address)
        ioctl(self.vm, KVM_SET_USER_MEMORY_REGION, region)
        self.vcpu = ioctl(self.vm, KVM_CREATE_VCPU)
        self.others = [ioctl(self.vm, KVM_CREATE_VCPU, i) for i in range(1, vcpus)]
        size = ioctl(self.kvm, KVM_GET_VCPU_MMAP_SIZE)
        self.run_area = mmap.mmap(self.vcpu, size, mmap.MAP_SHARED)
        for vcpu in [self.vcpu] + self.others:
            sregs = bytearray(312)
            ioctl_into(vcpu, KVM_GET_SREGS, sregs)
            sregs[0:8] = bytes(8)  # CS base
            sregs[12:14] = bytes(2)  # CS selector
            ioctl(vcpu, KVM_SET_SREGS, bytes(sregs))
            set_registers(vcpu, rip=0x1000, rflags=2)

    def registers(self, rip, rflags):
        set_registers(self.vcpu, rip, rflags)

    def run(self):
        ioctl(self.vcpu, KVM_RUN)
        return self.reason()

    def try_run(self):
        """As a program with signal handlers runs: the exit reason, or None after EINTR."""
        if libc.ioctl(self.vcpu, KVM_RUN, 0) == 0:
            return self.reason()
        assert ctypes.get_errno() == 4, ctypes.get_errno()
        return None

    def reason(self):
        return struct.unpack_from("=I", self.run_area, 8)[0]

    def port(self):
        direction, size, port, count, offset = struct.unpack_from("=BBHIQ", self.run_area, 32)
        return port, bytes(self.run_area[offset:offset + size * count])


def set_registers(vcpu, rip, rflags):
    regs = bytearray(144)
    struct.pack_into("=QQ", regs, 128, rip, rflags)
    ioctl(vcpu, KVM_SET_REGS, bytes(regs))


def ioctl_into(fd, number, buffer):
    view = (ctypes.c_char * len(buffer)).from_buffer(buffer)
    result = libc.ioctl(fd, ctypes.c_ulong(number), view)
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


# mov al, 'A'; mov dx, 0x3f8; out dx, al; inc byte [0x3000]; hlt
GREET = bytes.fromhex("b041 baf803 ee fe060030 f4".replace(" ", ""))
# jmp $
SPIN = bytes.fromhex("ebfe")
# mov dx, 0x3f8; again: inc eax; out dx, eax; jmp again
COUNT = bytes.fromhex("baf803 6640 66ef ebfa".replace(" ", ""))
# mov dx, 0x3f8; again: in eax, dx; out dx, eax; jmp again
ECHO = bytes.fromhex("baf803 66ed 66ef ebfa".replace(" ", ""))


def greet(ram=anonymous):
    machine = Machine(GREET, ram)
    machine.ram[0x3000] = 41
    assert machine.run() == KVM_EXIT_IO
    assert machine.port() == (0x3F8, b"A"), machine.port()
    assert machine.run() == KVM_EXIT_HLT
    assert machine.ram[0x3000] == 42, machine.ram[0x3000]
    machine.ram[0x3000] = 7
    machine.registers(rip=0x1006, rflags=2)
    assert machine.run() == KVM_EXIT_HLT
    assert machine.ram[0x3000] == 8


def test_version():
    with open("/dev/kvm", "rb") as kvm:
        assert ioctl(kvm, KVM_GET_API_VERSION) == 12
    assert os.access("/dev/kvm", os.R_OK | os.W_OK)
    with open("/sys/module/kvm_intel/parameters/tdx") as parameter:
        assert parameter.read() == "Y\n"


def test_anonymous():
    greet()


def test_memfd():
    greet(memfd)


def test_reuse():
    # The next machine's memory is likely to be mapped where the last one's was.
    for _ in range(3):
        machine = Machine(GREET)
        machine.ram[0x3000] = 41
        assert machine.run() == KVM_EXIT_IO
        assert machine.run() == KVM_EXIT_HLT
        assert machine.ram[0x3000] == 42, machine.ram[0x3000]
        for fd in (machine.vcpu, machine.vm, machine.kvm):
            os.close(fd)
        machine.run_area.close()
        address = ctypes.addressof(ctypes.c_char.from_buffer(machine.ram))
        assert libc.munmap(ctypes.c_void_p(address), ctypes.c_size_t(SIZE)) == 0
        fresh = libc.mmap(
            ctypes.c_void_p(address), ctypes.c_size_t(SIZE), 3, 0x32, -1, ctypes.c_long(0))
        assert fresh == address
        again = Machine(GREET, lambda _: (machine.ram, address))
        machine.ram[0x3000] = 9
        assert again.run() == KVM_EXIT_IO
        assert again.run() == KVM_EXIT_HLT
        assert machine.ram[0x3000] == 10, machine.ram[0x3000]


def test_again():
    # Another VM on memory that the last one used, and that nothing but a mapping refers to.
    first = Machine(GREET)
    first.ram[0x3000] = 41
    assert first.run() == KVM_EXIT_IO
    assert first.run() == KVM_EXIT_HLT
    first.run_area.close()
    for fd in (first.vcpu, first.vm, first.kvm):
        os.close(fd)
    assert first.ram[0x3000] == 42
    address = ctypes.addressof(ctypes.c_char.from_buffer(first.ram))
    second = Machine(b"", lambda _: (first.ram, address))
    assert second.run() == KVM_EXIT_IO
    assert second.run() == KVM_EXIT_HLT
    assert first.ram[0x3000] == 43, first.ram[0x3000]


def test_signal():
    machine = Machine(SPIN)
    ticks = []
    signal.signal(signal.SIGALRM, lambda *_: ticks.append(1))
    for _ in range(20):
        ticks.clear()
        signal.setitimer(signal.ITIMER_REAL, 0.005, 0.05)  # the first may come before KVM_RUN
        number = libc.ioctl(machine.vcpu, KVM_RUN, 0)
        assert number == -1 and ctypes.get_errno() == 4, (number, ctypes.get_errno())
        signal.setitimer(signal.ITIMER_REAL, 0)
        assert ticks


def test_announced():
    machine = Machine(SPIN)
    received = []
    signal.signal(signal.SIGUSR1, lambda *_: received.append(1))
    signal.signal(signal.SIGUSR2, signal.SIG_IGN)
    runner = threading.get_ident()

    def send(over):
        while not over.wait(0.002):
            signal.pthread_kill(runner, signal.SIGUSR2)
            signal.pthread_kill(runner, signal.SIGUSR1)

    for _ in range(20):
        received.clear()
        over = threading.Event()
        sender = threading.Thread(target=send, args=(over,))
        sender.start()
        number = libc.ioctl(machine.vcpu, KVM_RUN, 0)
        assert number == -1 and ctypes.get_errno() == 4, (number, ctypes.get_errno())
        assert received
        over.set()
        sender.join()


def test_relative():
    os.chdir("/dev")
    folder = os.open("/", os.O_RDONLY)
    for name, base in (("kvm", None), ("./kvm", None), ("dev/../dev/kvm", folder)):
        kvm = os.open(name, os.O_RDWR, dir_fd=base)
        assert ioctl(kvm, KVM_GET_API_VERSION) == 12
        os.close(kvm)
        assert os.stat(name, dir_fd=base).st_mode & 0o170000 == 0o020000
        assert os.access(name, os.W_OK, dir_fd=base)
    os.chdir("/proc")
    try:
        os.open("kvm", os.O_RDWR)
        raise AssertionError("/proc/kvm was opened")
    except FileNotFoundError:
        pass


def test_descriptors():
    machine = Machine(GREET)
    copy = os.dup(machine.vcpu)
    os.close(machine.vcpu)
    os.close(machine.vm)
    os.close(machine.kvm)
    machine.vcpu = copy
    assert machine.run() == KVM_EXIT_IO
    try:
        os.ftruncate(machine.vcpu, 0)
        raise AssertionError("a vCPU was truncated")
    except OSError as error:
        assert error.errno == 22, error
    child = os.fork()
    if child == 0:
        try:
            machine.run()
            os._exit(1)
        except OSError as error:
            os._exit(0 if error.errno == 5 else 2)  # EIO: another process's memory
    assert os.waitpid(child, 0)[1] == 0
    assert machine.run() == KVM_EXIT_HLT


def test_ring():
    machine = Machine(GREET, ring=0x1000)
    refused = [
        (0x40000, 0x1000, mmap.PROT_READ, mmap.MAP_PRIVATE),
        (0x3F000, 0x2000, mmap.PROT_READ, mmap.MAP_PRIVATE),
        (0x40000, 0x1000, mmap.PROT_READ | mmap.PROT_EXEC, mmap.MAP_PRIVATE),
        (0x40000, 0x1000, mmap.PROT_READ | mmap.PROT_EXEC, mmap.MAP_SHARED),
    ]
    for offset, size, protection, sharing in refused:
        try:
            mmap.mmap(machine.vcpu, size, sharing, protection, offset=offset)
            raise AssertionError("mapped %#x, %d, %d" % (offset, protection, sharing))
        except OSError as error:
            assert error.errno == 22, error
    private = mmap.mmap(machine.vcpu, 0x1000, mmap.MAP_PRIVATE, mmap.PROT_READ)
    ring = mmap.mmap(machine.vcpu, 0x1000, mmap.MAP_SHARED, offset=0x40000)
    assert machine.run() == KVM_EXIT_IO
    assert machine.port() == (0x3F8, b"A"), machine.port()
    assert private[8] == KVM_EXIT_IO
    assert machine.run() == KVM_EXIT_HLT
    assert struct.unpack_from("=IIQ", ring, 0) == (1, 0, 3), ring[:16]
    ring[0:4] = struct.pack("=I", 2)
    assert ioctl(machine.vm, KVM_RESET_DIRTY_RINGS) == 1


def test_statistics():
    machine = Machine(GREET)
    vcpu = ioctl(machine.vcpu, KVM_GET_STATS_FD)
    _, names, count, label, descriptors, data = struct.unpack("=6I", os.pread(vcpu, 24, 0))
    assert os.pread(vcpu, names, label).startswith(b"kvm-")

    def exits():
        for i in range(count):
            entry = os.pread(vcpu, 16 + names, descriptors + i * (16 + names))
            if entry[16:].rstrip(b"\0") == b"exits":
                offset = struct.unpack_from("=I", entry, 8)[0]
                return struct.unpack("=Q", os.pread(vcpu, 8, data + offset))[0]
        raise AssertionError("no statistic called exits")

    assert exits() == 0
    machine.run()
    assert exits() > 0, exits()


def test_no_bytes():
    # Only ioctls lead to a VM and to private memory.
    machine = Machine(GREET)
    request = bytearray(struct.pack("=8Q", 0x4000, *[0] * 7))
    private = ioctl_into(machine.vm, KVM_CREATE_GUEST_MEMFD, request)
    for fd in (machine.kvm, machine.vm, private):
        for call in (lambda: os.pread(fd, 8, 0), lambda: os.pwrite(fd, b"8", 0)):
            try:
                call()
                raise AssertionError("bytes of descriptor %d" % fd)
            except OSError:
                pass
        for sharing in (mmap.MAP_SHARED, mmap.MAP_PRIVATE):
            mapped = libc.mmap(None, ctypes.c_size_t(0x1000), 3, sharing, fd, ctypes.c_long(0))
            assert ctypes.c_long(mapped).value == -1, "a mapping of descriptor %d" % fd
    assert os.fstat(private).st_size == 0x4000


def test_unknown():
    with open("/dev/kvm", "rb") as kvm:
        try:
            ioctl(kvm, 0xAEFE)
            raise AssertionError("an ioctl that does not exist")
        except OSError as error:
            assert error.errno == 22, error


def test_named():
    # An ioctl that does not exist, twice: what the supervisor says of it is looked at.
    machine = Machine(GREET)
    for _ in range(2):
        number = libc.ioctl(machine.vm, ctypes.c_ulong(0xAEFD), 0)
        assert number == -1 and ctypes.get_errno() == 25, (number, ctypes.get_errno())


def storm(action, microseconds=300):
    """Does something while a timer's signals rain on the thread."""
    signals = []
    signal.signal(signal.SIGALRM, lambda *_: signals.append(1))
    signal.setitimer(signal.ITIMER_REAL, microseconds / 1e6, microseconds / 1e6)
    try:
        action()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    assert len(signals) > 10, len(signals)


def test_making():
    # A descriptor that a caller could not be given because a signal came is no failure.
    def make(*call):
        while True:
            try:
                return ioctl(*call)
            except InterruptedError:
                continue

    def machines():
        with open("/dev/kvm", "rb") as kvm:
            for _ in range(100):
                vm = make(kvm.fileno(), KVM_CREATE_VM)
                vcpu = make(vm, KVM_CREATE_VCPU)
                os.close(vcpu)
                os.close(vm)

    storm(machines)


def test_storm():
    machine = Machine(COUNT)
    interrupted = []

    def count():
        expected = 1
        while expected <= 3000 or len(interrupted) < 50:
            reason = machine.try_run()
            if reason is None:
                interrupted.append(1)
                continue
            assert reason == KVM_EXIT_IO, reason
            port, data = machine.port()
            assert struct.unpack("=I", data)[0] == expected, (data, expected)
            expected += 1

    storm(count)


class MovingSlot:
    """A second memory slot whose memory is mapped, protected, moved, unmapped and inherited.

    Everything happens on a thread of its own, which signals hit too. `held` is the address of the
    slot's memory while nothing is done to it, and `changes` counts what was done.
    """

    GPA = 0x40000
    NONE, READ_WRITE, PRIVATE_ANONYMOUS, MAY_MOVE = 0, 3, 0x22, 1

    def __init__(self, vm):
        self.vm = vm
        self.lock = threading.Lock()
        self.held = None
        self.changes = 0
        self.failure = None
        self.rounds = 0
        self.thread = threading.Thread(target=self.work)
        libc.mremap.restype = ctypes.c_void_p

    def work(self):
        try:
            signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM])
            while self.rounds < 60:
                self.round(self.rounds)
                self.rounds += 1
        except BaseException as failure:
            self.failure = failure

    def set(self, address, size):
        region = struct.pack("=IIQQQ", 1, 0, self.GPA, size, address)
        while libc.ioctl(self.vm, ctypes.c_ulong(KVM_SET_USER_MEMORY_REGION), region) != 0:
            assert ctypes.get_errno() == 4, ctypes.get_errno()

    def hold(self, address):
        with self.lock:
            self.held = address
            self.changes += 1
        if address is not None:
            time.sleep(0.004)
        with self.lock:
            self.held = None
            self.changes += 1

    def round(self, number):
        size = 0x10000 * (1 + number % 3)
        address = self.memory(libc.mmap(
            None, ctypes.c_size_t(size), self.READ_WRITE, self.PRIVATE_ANONYMOUS, -1, ctypes.c_long(0)))
        kept = bytes([number + 1]) * 4096
        ctypes.memmove(address + size - 4096, kept, 4096)
        self.set(address, size)
        self.hold(address)
        what = number % 4
        if what == 0:
            for protection in (self.NONE, self.READ_WRITE):
                assert libc.mprotect(
                    ctypes.c_void_p(address), ctypes.c_size_t(size), protection) == 0
            self.hold(address)
        elif what == 1:
            address = self.memory(libc.mremap(
                ctypes.c_void_p(address), ctypes.c_size_t(size), ctypes.c_size_t(2 * size),
                self.MAY_MOVE))
            self.set(0, 0)
            self.set(address, size)
            self.hold(address)
        elif what == 2:
            child = os.fork()
            if child == 0:
                refused = libc.ioctl(self.vm, ctypes.c_ulong(KVM_CREATE_VCPU), 7) == -1
                os._exit(0 if refused and ctypes.get_errno() == 5 else 1)
            assert os.waitpid(child, 0) == (child, 0)
            self.hold(address)
        assert ctypes.string_at(address + size - 4096, 4096) == kept, number
        if what != 3:  # else the guest's memory goes while the slot is there
            self.set(0, 0)
        assert libc.munmap(ctypes.c_void_p(address), ctypes.c_size_t((1 + (what == 1)) * size)) == 0
        if what == 3:
            self.set(0, 0)

    @staticmethod
    def memory(address):
        assert address != ctypes.c_void_p(-1).value, ctypes.get_errno()
        return address


def test_moving():
    # mov dx, 0x3f8; again: inc eax; mov es:[0x10], eax; out dx, eax; jmp again
    machine = Machine(bytes.fromhex("baf803 6640 2666a31000 66ef ebf5".replace(" ", "")))
    sregs = bytearray(312)
    ioctl_into(machine.vcpu, KVM_GET_SREGS, sregs)
    struct.pack_into("=QIH", sregs, 48, MovingSlot.GPA, 0xFFFF, MovingSlot.GPA >> 4)
    ioctl(machine.vcpu, KVM_SET_SREGS, bytes(sregs))
    slot = MovingSlot(machine.vm)
    signal.signal(signal.SIGUSR1, lambda *_: None)
    counts = dict(io=0, mmio=0, seen=0)

    def count():
        slot.thread.start()
        expected = 1
        changes = 0  # when the guest may have stored what it puts out next
        while slot.thread.is_alive():
            if counts["io"] % 2 == 0 and slot.thread.is_alive():
                signal.pthread_kill(slot.thread.ident, signal.SIGUSR1)
            if libc.ioctl(machine.vcpu, KVM_RUN, 0) != 0:
                assert ctypes.get_errno() in (4, 14), ctypes.get_errno()
                continue
            if machine.reason() == KVM_EXIT_MMIO:
                address, data, size, write = struct.unpack_from("=QQIB", machine.run_area, 32)
                assert (address, data, size, write) == (MovingSlot.GPA + 16, expected, 4, 1)
                counts["mmio"] += 1
                continue
            assert machine.reason() == KVM_EXIT_IO, machine.reason()
            assert struct.unpack("=I", machine.port()[1])[0] == expected, expected
            with slot.lock:
                if slot.held is not None and slot.changes == changes:
                    assert ctypes.c_uint.from_address(slot.held + 16).value == expected, expected
                    counts["seen"] += 1
            changes = slot.changes
            expected += 1
            counts["io"] += 1
        slot.thread.join()

    storm(count)
    if slot.failure is not None:
        raise slot.failure
    assert all(counts.values()), counts


def test_remapped():
    """A thread maps a file over a slot's memory, and takes it away, while the slot is set."""
    size, part, fixed = 0x40000, 0x10000, 0x10
    machine = Machine(SPIN)
    slot = MovingSlot(machine.vm)
    ram = anonymous(size)
    middle = ram[1] + part
    file = os.memfd_create("over")
    os.ftruncate(file, part)
    done = []
    wrong = []

    def remap():
        number = 0
        while not done and not wrong:
            number += 1
            flags, fd = (1 | fixed, file) if number % 2 else (MovingSlot.PRIVATE_ANONYMOUS | fixed, -1)
            address = libc.mmap(ctypes.c_void_p(middle), ctypes.c_size_t(part), 3, flags, fd, ctypes.c_long(0))
            assert address == middle
            if number % 2:
                time.sleep(0.0002)
                ctypes.c_uint.from_address(middle).value = number
                if struct.unpack("=I", os.pread(file, 4, 0))[0] != number:
                    wrong.append(number)

    thread = threading.Thread(target=remap)
    thread.start()
    for _ in range(150):
        slot.set(ram[1], size)
        slot.set(0, 0)
    done.append(1)
    thread.join()
    assert not wrong, wrong


def test_echo():
    machine = Machine(ECHO)

    def echo():
        given = 0
        pending = False
        for _ in range(4000):
            reason = machine.try_run()
            if reason is None:
                continue
            assert reason == KVM_EXIT_IO, reason
            direction, size, _, _, offset = struct.unpack_from("=BBHIQ", machine.run_area, 32)
            if direction == 0:
                assert not pending, "an exit was delivered twice"
                given = given * 1103515245 + 12345 & 0xFFFFFFFF
                struct.pack_into("=I", machine.run_area, offset, given)
                pending = True
            else:
                assert pending, "an exit was lost"
                assert struct.unpack_from("=I", machine.run_area, offset)[0] == given
                pending = False

    storm(echo)


def test_restart():
    # Memory of a second machine is moved, for which all threads stop, while the first one counts.
    machine = Machine(COUNT)
    done = []

    def others():
        for _ in range(5):
            greet()
        done.append(1)

    thread = threading.Thread(target=others)
    thread.start()
    expected = 1
    while not done:
        reason = machine.try_run()
        assert reason == KVM_EXIT_IO, reason
        assert struct.unpack("=I", machine.port()[1])[0] == expected, expected
        expected += 1
    thread.join()


def test_stopped():
    # As Ctrl-Z and fg: the whole process stops, though one thread is in the guest.
    child = os.fork()
    if child == 0:
        machine = Machine(SPIN)
        thread = threading.Thread(target=libc.ioctl, args=(machine.vcpu, KVM_RUN, 0), daemon=True)
        thread.start()
        signal.pause()
    time.sleep(0.5)
    os.kill(child, signal.SIGSTOP)
    assert os.waitpid(child, os.WUNTRACED) == (child, 0x137F)
    os.kill(child, signal.SIGCONT)
    os.kill(child, signal.SIGTERM)
    assert os.waitpid(child, 0) == (child, signal.SIGTERM)


def test_immediate():
    machine = Machine(SPIN)
    machine.run_area[1] = 1
    for _ in range(100):
        assert machine.try_run() is None
    machine.run_area[1] = 0
    greeting = Machine(GREET)
    greeting.run_area[1] = 1
    assert greeting.try_run() is None
    greeting.run_area[1] = 0
    assert greeting.try_run() == KVM_EXIT_IO
    greeting.run_area[1] = 1
    assert greeting.try_run() is None  # the output has been carried out, no more
    greeting.run_area[1] = 0
    assert greeting.try_run() == KVM_EXIT_HLT


def test_sockets():
    machine = Machine(GREET)
    ours, theirs = socket.socketpair()
    child = os.fork()
    if child == 0:
        ours.close()
        # The child's table has the descriptor under another number; sent back, it is the same file.
        _, fds, _, _ = socket.recv_fds(theirs, 1, 1)
        socket.send_fds(theirs, [b"x"], fds)
        os._exit(0)
    theirs.close()
    socket.send_fds(ours, [b"x"], [machine.vcpu])
    _, fds, _, _ = socket.recv_fds(ours, 1, 1)
    assert os.waitpid(child, 0)[1] == 0
    os.close(machine.vcpu)
    machine.vcpu = fds[0]
    assert machine.run() == KVM_EXIT_IO
    assert machine.run() == KVM_EXIT_HLT


def test_threads():
    failures = []

    def work():
        try:
            for _ in range(8):
                greet()
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=work) for _ in range(4)]
    children = []
    for _ in range(3):
        child = os.fork()
        if child == 0:
            greet(memfd)
            os._exit(0)
        children.append(child)
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures, failures
    for child in children:
        assert os.waitpid(child, 0)[1] == 0


def test_give():
    """Passes the descriptors of a machine to who listens at a path, and keeps them while told."""
    machine = Machine(GREET)
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as other:
        other.connect(sys.argv[2])
        socket.send_fds(other, [b"x"], [machine.vm, machine.vcpu])
        other.recv(1)
    assert machine.run() == KVM_EXIT_IO


def test_take():
    """What another program of the same server passes is no file of KVM's here."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
        listener.bind(sys.argv[2] + ".bound")
        listener.listen()
        os.rename(sys.argv[2] + ".bound", sys.argv[2])  # there for others once it listens
        other, _ = listener.accept()
        with other:
            _, fds, _, _ = socket.recv_fds(other, 1, 2)
            for fd, number in zip(fds, (KVM_CREATE_VCPU, KVM_RUN)):
                assert libc.ioctl(fd, ctypes.c_ulong(number), 5) == -1
                assert ctypes.get_errno() == 25, ctypes.get_errno()
            greet()
            other.send(b"x")


def tdx(fd, command, flags=0, data=0):
    ioctl(fd, KVM_MEMORY_ENCRYPT_OP, struct.pack("=IIQQ", command, flags, data, 0))


def add_pages(vcpu, source, gpa, pages):
    """KVM_TDX_INIT_MEM_REGION, with measurement: 0, or the number of the error."""
    region = ctypes.create_string_buffer(struct.pack("=QQQ", source, gpa, pages), 24)
    command = struct.pack("=IIQQ", 3, 1, ctypes.addressof(region), 0)
    failed = libc.ioctl(vcpu, ctypes.c_ulong(KVM_MEMORY_ENCRYPT_OP), command)
    return ctypes.get_errno() if failed else 0


def launch_td(vcpus, ram=anonymous, add=lambda vcpu, address: None):
    """
    A TD of some vCPUs, whose first instruction is a jump to itself, ready to run.

    `ram` gives the memory of its slots; `add` is called with the address of the first one.
    """
    kvm = os.open("/dev/kvm", os.O_RDWR | os.O_CLOEXEC)
    vm = ioctl(kvm, KVM_CREATE_VM, 5)
    ioctl(vm, KVM_ENABLE_CAP, struct.pack("=IIQ88x", 121, 0, 24))  # split irqchip
    keep = []

    def address(content):
        keep.append(ctypes.create_string_buffer(bytes(content), len(content)))
        return ctypes.addressof(keep[-1])

    def cpuid(*entries):
        packed = b"".join(struct.pack("=7I12x", *entry) for entry in entries)
        return struct.pack("=II", len(entries), 0) + packed

    physical = (0x80000008, 0, 0, 48 << 16, 0, 0, 0)
    init = bytearray(256) + cpuid(physical)
    struct.pack_into("=Q", init, 8, 3)
    tdx(vm, 1, 0, address(init))
    processors = []
    for i in range(vcpus):
        vcpu = ioctl(vm, KVM_CREATE_VCPU, i)
        model = cpuid((1, 0, 0, 0x806F8, 0, 1 << 21, 0), (0x80000008, 0, 0, 52, 0, 0, 0))
        assert libc.ioctl(vcpu, ctypes.c_ulong(KVM_SET_CPUID2), ctypes.c_void_p(address(model))) == 0
        tdx(vcpu, 2)
        processors.append(vcpu)
    slots = []
    for slot, (gpa, size) in enumerate(((0, 4 << 20), (0xFFFFF000, 4096))):
        shared, at = ram(size)
        keep.append(shared)
        slots.append(at)
        private = ioctl_result(vm, KVM_CREATE_GUEST_MEMFD, struct.pack("=QQ48x", size, 0))
        region = struct.pack("=IIQQQQII112x", slot, 4, gpa, size, at, 0, private, 0)
        ioctl(vm, KVM_SET_USER_MEMORY_REGION2, region)
        ioctl(vm, KVM_SET_MEMORY_ATTRIBUTES, struct.pack("=QQQQ", gpa, size, 8, 0))
    page, at = anonymous(1 << 16)
    page[0xFF0:0xFF2] = SPIN
    for gpa, pages in ((0xFFFFF000, 1), (0, 16)):
        assert add_pages(processors[0], at, gpa, pages) == 0
    add(processors[0], slots[0])
    tdx(vm, 4)
    return vm, processors, keep


def ioctl_result(fd, number, argument):
    result = libc.ioctl(fd, ctypes.c_ulong(number), argument)
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def spin_all(processors):
    for vcpu in processors:
        threading.Thread(target=libc.ioctl, args=(vcpu, KVM_RUN, 0)).start()


def test_td():
    """A TD of two vCPUs that run until the program is killed."""
    vm, processors, keep = launch_td(2)
    spin_all(processors)


def test_tds():
    """Launches TDs until one is refused for want of a KeyID: how many there were is the status."""
    machines = []
    try:
        while True:
            machines.append(launch_td(1))
    except OSError as error:
        os._exit(len(machines) if error.errno == 28 else 100 + error.errno)


def test_smp():
    """An ordinary VM of three vCPUs that run until the program is killed."""
    machine = Machine(SPIN, vcpus=3)
    spin_all([machine.vcpu] + machine.others)


def test_moves():
    """Twenty threads that are stopped again and again because memory is moved, until it is killed."""
    machine = Machine(SPIN)
    slot = MovingSlot(machine.vm)
    for _ in range(20):
        threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()
    while True:
        ram, address = anonymous(0x100000)
        ram[::4096] = bytes(0x100)
        slot.set(address, 0x100000)
        slot.set(0, 0)


def test_code_between_runs():
    # mov al, 'A'; out 0x80, al; jmp back
    for where in (0x1000, 0x1FFF, 0x1FFE):
        machine = Machine(bytes.fromhex("90"))
        machine.ram[where:where + 6] = bytes.fromhex("b041 e680 ebfa".replace(" ", ""))
        machine.registers(rip=where, rflags=2)
        for letter in b"AABCCD":
            machine.ram[where + 1] = letter
            assert machine.run() == KVM_EXIT_IO
            assert machine.port() == (0x80, bytes([letter])), (hex(where), machine.port())


def test_code_while_running():
    # int 0x20; call 0x1100; cmp al, 'B'; jne back; out 0x80, al
    machine = Machine(bytes.fromhex("cd20 e8fb00 3c42 75f7 e680".replace(" ", "")))
    machine.ram[0x1100:0x1103] = bytes.fromhex("b041c3")  # mov al, 'A'; ret
    machine.ram[0x80:0x84] = struct.pack("=I", 0x2000)
    machine.ram[0x2000] = 0xCF  # iret
    change = threading.Timer(0.2, lambda: machine.ram.__setitem__(0x1101, ord("B")))
    change.start()
    assert machine.run() == KVM_EXIT_IO
    assert machine.port() == (0x80, b"B")


def test_spin():
    machine = Machine(SPIN)
    print("spinning", flush=True)
    machine.run()


if __name__ == "__main__":
    globals()["test_" + sys.argv[1]]()
