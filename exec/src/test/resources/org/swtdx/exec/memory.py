"""Memory that guest and program share, and eventfds, as both use them at the same time."""

import ctypes
import mmap
import os
import select
import struct
import sys
import threading
import time

from client import (
    KVM_CREATE_IRQCHIP, KVM_EXIT_HLT, KVM_EXIT_IO, KVM_RUN, KVM_SET_USER_MEMORY_REGION, Machine,
    anonymous, ioctl, ioctl_into, libc, memfd)

KVM_IRQFD = 0x4020AE76
KVM_IOEVENTFD = 0x4040AE79
KVM_GET_IRQCHIP = 0xC208AE62
PIO, DEASSIGN, IRQFD_DEASSIGN = 2, 4, 1


def code(text):
    return bytes.fromhex(text.replace(" ", ""))


def native(text, *types):
    """A function of machine code, during which other threads of Python run."""
    page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    page.write(code(text))
    address = ctypes.addressof(ctypes.c_char.from_buffer(page))
    function = ctypes.CFUNCTYPE(ctypes.c_ulong, *types)(address)
    function.page = page
    return function


def test_locked():
    """Guest and program count up the same word with LOCK: no count is lost."""
    rounds = 400000
    for memory in (anonymous, memfd):
        for guest, host in (
                # lock inc dword [0x3000]; lock inc dword [rdi]
                ("f0 66ff060030", "f0 ff07"),
                # eax = 1; lock xadd [0x3000], eax; eax = 1; lock xadd [rdi], eax
                ("66b801000000 f0 660fc1060030", "b801000000 f0 0fc107"),
                # eax = [0x3000]; edx = eax + 1; lock cmpxchg [0x3000], edx; repeated if it fails
                ("66a10030 6689c2 6642 f0 660fb1160030 75ef", "8b07 8d5001 f0 0fb117 75f5")):
            body = code(guest)
            # mov ecx, rounds; again: body; dec ecx; jnz again; inc byte [0x3008]; hlt
            loop = code("66b9") + struct.pack("=I", rounds) + body + code("6649 75")
            loop += bytes([256 - len(body) - 4]) + code("fe060830 f4")
            machine = Machine(loop, memory)
            word = ctypes.c_uint.from_buffer(machine.ram, 0x3000)
            # xor r8d, r8d; again: body; inc r8; cmp byte [rdi + 8], 0; je again; mov rax, r8; ret
            body = code(host)
            count = native(
                "4531c0" + body.hex() + "49ffc0 807f0800 74"
                + bytes([256 - len(body) - 9]).hex() + "4c89c0 c3", ctypes.c_void_p)
            counted = []
            thread = threading.Thread(
                target=lambda: counted.append(count(ctypes.addressof(word))))
            thread.start()
            assert machine.run() == KVM_EXIT_HLT
            thread.join()
            assert word.value == (rounds + counted[0]) % (1 << 32), (guest, word.value, counted)
            assert counted[0] > 1000, counted


def test_changing():
    """Each of guest and program waits for the other's store, again and again, in one KVM_RUN."""
    # again: mov eax, [0x3000]; cmp eax, [0x3004]; je again; mov [0x3004], eax; test eax, eax
    # jns again; hlt
    echo = code("66a10030 663b060430 74f5 66a30430 6685c0 79ec f4")
    for memory in (anonymous, memfd):
        machine = Machine(echo, memory)
        asked = ctypes.c_uint.from_buffer(machine.ram, 0x3000)
        answered = ctypes.c_uint.from_buffer(machine.ram, 0x3004)
        runner = threading.Thread(target=libc.ioctl, args=(machine.vcpu, KVM_RUN, 0))
        runner.start()
        for number in (*range(1, 500), 0xFFFFFFFF):
            asked.value = number
            end = time.monotonic() + 30
            while answered.value != number:
                assert time.monotonic() < end, number
                time.sleep(0)
        runner.join()
        assert machine.reason() == KVM_EXIT_HLT


def eventfd():
    return os.eventfd(0, os.EFD_NONBLOCK)


def test_eventfds():
    # mov dx, 0x510; mov cx, 50; again: out dx, al; out dx, ax; loop again; hlt
    machine = Machine(code("ba1005 b93200 ee ef e2fc f4"))
    bell, other = eventfd(), eventfd()

    def ring(fd, length, flags=PIO, value=0):
        request = struct.pack("=QQIiI36x", value, 0x510, length, fd, flags)
        return libc.ioctl(machine.vm, ctypes.c_ulong(KVM_IOEVENTFD), request)

    assert ring(bell, 1) == 0
    assert ring(other, 1) == -1 and ctypes.get_errno() == 17
    assert ring(os.pipe()[0], 2) == -1 and ctypes.get_errno() == 22
    assert ring(999, 2) == -1 and ctypes.get_errno() == 9
    exits = 0
    while machine.run() == KVM_EXIT_IO:
        exits += 1
    assert (exits, os.eventfd_read(bell)) == (50, 50)
    # Taken away by another descriptor of the same eventfd.
    assert ring(os.dup(bell), 1, PIO | DEASSIGN) == 0
    machine.registers(rip=0x1000, rflags=2)
    exits = 0
    while machine.run() == KVM_EXIT_IO:
        exits += 1
    assert exits == 100
    assert not select.select([bell], [], [], 0)[0]


def test_interrupts():
    kvm = os.open("/dev/kvm", os.O_RDWR)
    vm = ioctl(kvm, 0xAE01)
    ioctl(vm, KVM_CREATE_IRQCHIP)
    line, other = eventfd(), eventfd()

    def connect(fd, gsi, flags=0):
        return libc.ioctl(vm, ctypes.c_ulong(KVM_IRQFD), struct.pack("=IIII16x", fd, gsi, flags, 0))

    def requested():
        chip = bytearray(520)
        ioctl_into(vm, KVM_GET_IRQCHIP, chip)
        return chip[9]  # IRR of the first PIC

    def await_request(mask):
        end = time.monotonic() + 10
        while requested() != mask:
            assert time.monotonic() < end, hex(requested())

    os.eventfd_write(line, 1)  # before it is connected
    assert connect(line, 5) == 0
    await_request(1 << 5)
    assert connect(line, 6) == -1 and ctypes.get_errno() == 16
    assert connect(other, 7) == 0
    os.eventfd_write(other, 3)
    await_request(1 << 5 | 1 << 7)
    copy = os.dup(line)
    os.close(line)  # KVM has it still
    assert connect(copy, 5, IRQFD_DEASSIGN) == 0
    assert connect(copy, 6) == 0
    os.eventfd_write(copy, 1)
    await_request(7 << 5)
    for fd in (copy, other):
        assert not select.select([fd], [], [], 0)[0], "an event was not consumed"


def test_full():
    """A counter that is full stays so: the guest does not wait for the program to read it."""
    # mov dx, 0x510; mov cx, 1000; again: out dx, al; loop again; hlt
    machine = Machine(code("ba1005 b9e803 ee e2fd f4"))
    bell = os.eventfd(0)
    os.eventfd_write(bell, 0xFFFFFFFFFFFFFFFE)
    request = struct.pack("=QQIiI36x", 0, 0x510, 1, bell, PIO)
    assert ioctl(machine.vm, KVM_IOEVENTFD, request) is not None
    assert machine.run() == KVM_EXIT_HLT
    assert os.eventfd_read(bell) == 0xFFFFFFFFFFFFFFFF
    machine.registers(rip=0x1000, rflags=2)
    assert machine.run() == KVM_EXIT_HLT
    assert os.eventfd_read(bell) == 1000


def test_taken():
    """What the program takes back from an interrupt's eventfd holds up no other one."""
    kvm = os.open("/dev/kvm", os.O_RDWR)
    vm = ioctl(kvm, 0xAE01)
    ioctl(vm, KVM_CREATE_IRQCHIP)
    line, other = os.eventfd(0), os.eventfd(0)
    for gsi, fd in ((5, line), (7, other)):
        ioctl(vm, KVM_IRQFD, struct.pack("=IIII16x", fd, gsi, 0, 0))
    taken = rounds = 0
    while taken < 1000 and rounds < 3000:  # who is first depends on the machine
        rounds += 1
        os.eventfd_write(line, 1)
        try:
            os.preadv(line, [bytearray(8)], -1, os.RWF_NOWAIT)
            taken += 1
        except BlockingIOError:
            pass
        os.eventfd_write(other, 1)
        end = time.monotonic() + 10
        while select.select([other], [], [], 0)[0]:
            assert time.monotonic() < end, "after %d" % taken


def test_forgotten():
    """A program that lends one piece of memory after the other leaves none with who lends KVM."""
    vm = ioctl(os.open("/dev/kvm", os.O_RDWR), 0xAE01)
    size = 0x10000
    held = []
    for _ in range(40):
        libc.mmap(None, ctypes.c_size_t(0x1000), 0, 0x22, -1, ctypes.c_long(0))  # in between
        ram = libc.mmap(None, ctypes.c_size_t(size), 3, 0x22, -1, ctypes.c_long(0))
        for length in (size, 0):
            ioctl(vm, KVM_SET_USER_MEMORY_REGION, struct.pack("=IIQQQ", 0, 0, 0, length, ram))
        held.append(len(os.listdir("/proc/%d/fd" % os.getppid())))
        assert libc.munmap(ctypes.c_void_p(ram), ctypes.c_size_t(size)) == 0
    assert max(held[10:]) <= max(held[:10]), held


def hoard(keep, error):
    """Of files that the program may have closed KVM keeps some, not any number."""
    vm = ioctl(os.open("/dev/kvm", os.O_RDWR), 0xAE01)
    ioctl(vm, KVM_CREATE_IRQCHIP)
    number = 0
    try:
        while number < 1000:
            keep(vm, number)
            number += 1
    except OSError as refused:
        assert refused.errno == error, refused
    assert number == int(sys.argv[2]), number


def test_hoarding_eventfds():
    def keep(vm, number):
        line = eventfd()
        try:
            ioctl(vm, KVM_IRQFD, struct.pack("=IIII16x", line, number % 16, 0, 0))
        finally:
            os.close(line)

    hoard(keep, 22)


def test_hoarding_memory():
    kept = []

    def keep(vm, number):
        ram, address = memfd(0x1000)
        kept.append(ram)
        region = struct.pack("=IIQQQ", number, 0, number * 0x1000, 0x1000, address)
        ioctl(vm, KVM_SET_USER_MEMORY_REGION, region)

    hoard(keep, 14)


if __name__ == "__main__":
    for name in filter(str.isidentifier, sys.argv[1:]):
        globals()["test_" + name]()
