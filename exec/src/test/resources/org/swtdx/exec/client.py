"""A KVM client in plain system calls: what a program does that has never heard of swtdx."""

import ctypes
import fcntl
import mmap
import os
import signal
import struct
import sys

libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
KVM_GET_API_VERSION = 0xAE00
KVM_CREATE_VM = 0xAE01
KVM_GET_VCPU_MMAP_SIZE = 0xAE04
KVM_CREATE_VCPU = 0xAE41
KVM_RUN = 0xAE80
KVM_SET_USER_MEMORY_REGION = 0x4020AE46
KVM_GET_REGS = 0x8090AE81
KVM_SET_REGS = 0x4090AE82
KVM_GET_SREGS = 0x8138AE83
KVM_SET_SREGS = 0x4138AE84
KVM_GET_STATS_FD = 0xAECE
KVM_CREATE_GUEST_MEMFD = 0xC040AED4
KVM_EXIT_IO = 2
KVM_EXIT_HLT = 5
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
    def __init__(self, code, ram=anonymous):
        self.kvm = os.open("/dev/kvm", os.O_RDWR | os.O_CLOEXEC)
        self.vm = ioctl(self.kvm, KVM_CREATE_VM)
        self.ram, address = ram(SIZE)
        self.ram[0x1000:0x1000 + len(code)] = code
        region = struct.pack("=IIQQQ", 0, 0, 0, SIZE, address)
        ioctl(self.vm, KVM_SET_USER_MEMORY_REGION, region)
        self.vcpu = ioctl(self.vm, KVM_CREATE_VCPU)
        size = ioctl(self.kvm, KVM_GET_VCPU_MMAP_SIZE)
        self.run_area = mmap.mmap(self.vcpu, size, mmap.MAP_SHARED)
        sregs = bytearray(312)
        ioctl_into(self.vcpu, KVM_GET_SREGS, sregs)
        sregs[0:8] = bytes(8)  # CS base
        sregs[12:14] = bytes(2)  # CS selector
        ioctl(self.vcpu, KVM_SET_SREGS, bytes(sregs))
        self.registers(rip=0x1000, rflags=2)

    def registers(self, rip, rflags):
        regs = bytearray(144)
        struct.pack_into("=QQ", regs, 128, rip, rflags)
        ioctl(self.vcpu, KVM_SET_REGS, bytes(regs))

    def run(self):
        ioctl(self.vcpu, KVM_RUN)
        return struct.unpack_from("=I", self.run_area, 8)[0]

    def port(self):
        direction, size, port, count, offset = struct.unpack_from("=BBHIQ", self.run_area, 32)
        return port, bytes(self.run_area[offset:offset + size * count])


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


def test_signal():
    machine = Machine(SPIN)
    ticks = []
    signal.signal(signal.SIGALRM, lambda *_: ticks.append(1))
    for _ in range(20):
        signal.setitimer(signal.ITIMER_REAL, 0.005)
        number = libc.ioctl(machine.vcpu, KVM_RUN, 0)
        assert number == -1 and ctypes.get_errno() == 4, (number, ctypes.get_errno())
    assert len(ticks) == 20


def test_descriptors():
    machine = Machine(GREET)
    copy = os.dup(machine.vcpu)
    os.close(machine.vcpu)
    os.close(machine.vm)
    os.close(machine.kvm)
    machine.vcpu = copy
    assert machine.run() == KVM_EXIT_IO
    child = os.fork()
    if child == 0:
        try:
            machine.run()
            os._exit(1)
        except OSError as error:
            os._exit(0 if error.errno == 5 else 2)  # EIO: another process's memory
    assert os.waitpid(child, 0)[1] == 0
    assert machine.run() == KVM_EXIT_HLT


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


def test_spin():
    machine = Machine(SPIN)
    print("spinning", flush=True)
    machine.run()


globals()["test_" + sys.argv[1]]()
