"""What guest memory may be made of besides anonymous memory and a memfd."""

import ctypes
import os
import struct
import sys
import tempfile

from client import (
    KVM_EXIT_HLT, KVM_RUN, KVM_SET_USER_MEMORY_REGION, Machine, ioctl, libc)

SIZE = 0x10000
NONE, READ, READ_WRITE = 0, 1, 3
SHARED, PRIVATE, ANONYMOUS = 1, 2, 0x20
NEW_MOUNTS = 0x20000
PRIVATE_MOUNTS = 0x44000
NOT_ALLOWED = 77

# mov ax, 0x2000; mov ds, ax; inc byte [0]; mov al, [0x2000]; inc byte [0x1000]; hlt
TOUCH = bytes.fromhex("b80020 8ed8 fe060000 a00020 fe060010 f4".replace(" ", ""))


def map_memory(protection, flags, fd=-1):
    address = libc.mmap(
        None, ctypes.c_size_t(SIZE), protection, flags, fd, ctypes.c_long(0))
    assert address != ctypes.c_void_p(-1).value, ctypes.get_errno()
    return address


def byte(address):
    return ctypes.string_at(address, 1)[0]


def set_slot(machine, address, slot=1, gpa=0x20000):
    region = struct.pack("=IIQQQ", slot, 0, gpa, SIZE, address)
    result = libc.ioctl(machine.vm, ctypes.c_ulong(KVM_SET_USER_MEMORY_REGION), region)
    return 0 if result == 0 else ctypes.get_errno()


def touch(address):
    """A guest that has the memory adds 1 to the first bytes of two of its pages."""
    machine = Machine(TOUCH)
    assert set_slot(machine, address) == 0
    assert machine.run() == KVM_EXIT_HLT
    return machine


def file_of(content, folder="/dev/shm"):
    file = os.open(folder, os.O_TMPFILE | os.O_RDWR)
    os.write(file, content * SIZE)
    return file


def test_private_file():
    """A private mapping has the file's content, also where nobody has looked at it, and keeps its own."""
    file = file_of(b"\x29")
    address = map_memory(READ_WRITE, PRIVATE, file)
    ctypes.memset(address + 0x3000, 7, 1)
    touch(address)
    assert [byte(address + at) for at in (0, 0x1000, 0x2000, 0x3000)] == [0x2A, 0x2A, 0x29, 7]
    assert os.pread(file, SIZE, 0) == b"\x29" * SIZE


def test_shared_anonymous():
    address = map_memory(READ_WRITE, SHARED | ANONYMOUS)
    ctypes.memset(address, 0x29, SIZE)
    touch(address)
    assert [byte(address + at) for at in (0, 0x1000, 0x2000)] == [0x2A, 0x2A, 0x29]


def test_holes():
    """What the program may not touch at the moment belongs to a slot all the same, with its content."""
    for content in (map_memory(READ_WRITE, PRIVATE | ANONYMOUS), map_memory(READ_WRITE, PRIVATE, file_of(b"\7"))):
        ctypes.memset(content, 7, SIZE)
        page = ctypes.c_void_p(content + 0x4000)
        assert libc.mprotect(page, ctypes.c_size_t(0x1000), NONE) == 0
        touch(content)
        assert libc.mprotect(page, ctypes.c_size_t(0x1000), READ_WRITE) == 0
        assert [byte(content + at) for at in (0, 0x4000)] == [8, 7]


def test_read_only():
    """What the program may only read, the guest does not write for it."""
    file = file_of(b"\x29")
    address = map_memory(READ, SHARED, os.open("/proc/self/fd/%d" % file, os.O_RDONLY))
    os.dup2(os.open("/dev/null", os.O_RDONLY), file)
    touch(address)
    assert byte(address) == byte(address + 0x1000) == 0x29


def test_read_only_and_writable():
    """Another mapping of the same file may be written, and is."""
    file = file_of(b"\x29")
    other = map_memory(READ_WRITE, SHARED, file)
    touch(other)
    assert os.pread(file, 1, 0) == b"\x2a"
    reading = map_memory(READ, SHARED, file)
    touch(reading)  # as by a program that makes it writable later
    assert byte(other) == 0x2B


def mount(kind, options, folder=None):
    folder = folder or tempfile.mkdtemp()
    if libc.mount(b"test", folder.encode(), kind, 0, options) != 0:
        sys.exit(NOT_ALLOWED)
    return folder


def own_mounts():
    if libc.unshare(NEW_MOUNTS) != 0 or libc.mount(None, b"/", None, PRIVATE_MOUNTS, None) != 0:
        sys.exit(NOT_ALLOWED)
    mount(b"tmpfs", None, tempfile.gettempdir())  # what is made there goes with the program


def test_same_inode():
    """Files of two file systems may have one number: the memory is of the one that is mapped."""
    own_mounts()
    folders = [mount(b"tmpfs", None) for _ in range(2)]
    names = [folder + "/file" for folder in folders]
    files = []
    for name in names:
        files.append(os.open(name, os.O_CREAT | os.O_RDWR))
        os.write(files[-1], b"\x29" * SIZE)
    assert os.fstat(files[0]).st_ino == os.fstat(files[1]).st_ino
    first, second = (map_memory(READ_WRITE, SHARED, file) for file in files)
    touch(second)
    assert [os.pread(file, 1, 0) for file in files] == [b"\x29", b"\x2a"]
    # The other one in its place is another one.
    machine = touch(second)
    assert libc.mremap(
        ctypes.c_void_p(first), ctypes.c_size_t(SIZE), ctypes.c_size_t(SIZE), 3,
        ctypes.c_void_p(second)) == ctypes.c_int(second).value
    assert set_slot(machine, second, 2, 0x40000) == 0
    ioctl(machine.vm, KVM_SET_USER_MEMORY_REGION, struct.pack("=IIQQQ", 1, 0, 0x20000, 0, second))
    ioctl(machine.vm, KVM_SET_USER_MEMORY_REGION, struct.pack("=IIQQQ", 1, 0, 0x20000, SIZE, second))
    machine.registers(rip=0x1000, rflags=2)
    assert machine.run() == KVM_EXIT_HLT
    assert [os.pread(file, 1, 0) for file in files] == [b"\x2a", b"\x2b"]


class FileSystem:
    """One file that can be read and mapped, served by a child until it is told to be silent (fuse(4))."""

    INIT, LOOKUP, GETATTR, OPEN, READ, RELEASE, FLUSH, FORGET = 26, 1, 3, 14, 15, 18, 25, 2

    def __init__(self):
        own_mounts()
        try:
            device = os.open("/dev/fuse", os.O_RDWR)
        except OSError:
            sys.exit(NOT_ALLOWED)
        options = b"fd=%d,rootmode=40000,user_id=0,group_id=0" % device
        self.file = mount(b"fuse.test", options) + "/file"
        silence, self.silence = os.pipe()
        self.child = os.fork()
        if self.child == 0:
            libc.prctl(1, 9)  # ends with its parent
            os.set_blocking(silence, False)
            self.serve(device, silence)
        os.close(device)

    def be_silent(self):
        os.write(self.silence, b"x")

    def serve(self, device, silence):
        silent = False
        while True:
            request = os.read(device, 1 << 20)
            _, operation, number, node = struct.unpack_from("=IIQQ", request)
            try:
                silent = silent or os.read(silence, 1) == b"x"
            except BlockingIOError:
                pass
            if operation == self.FORGET or silent and operation in (self.GETATTR, self.READ):
                continue
            error, body = self.answer(operation, node, request)
            os.write(device, struct.pack("=IiQ", 16 + len(body), error, number) + body)

    def answer(self, operation, node, request):
        attributes = struct.pack(
            "=QQQ24x12xIIIIIII", node if node == 1 else 2, 1 << 20, 2048,
            0o40755 if node == 1 and operation != self.LOOKUP else 0o100666, 1, 0, 0, 0, 4096, 0)
        if operation == self.INIT:
            return 0, struct.pack("=IIIIHHIIHHI28x", 7, 31, 65536, 0, 16, 12, 1 << 16, 1, 0, 0, 0)
        if operation == self.LOOKUP:
            return 0, struct.pack("=QQQQII", 2, 0, 0, 0, 0, 0) + attributes
        if operation == self.GETATTR:
            return 0, struct.pack("=QII", 0, 0, 0) + attributes
        if operation == self.OPEN:
            return 0, struct.pack("=QII", 1, 0, 0)
        if operation == self.READ:
            return 0, bytes(struct.unpack_from("=QQI", request, 40)[2])
        return (0 if operation in (self.FLUSH, self.RELEASE) else -38), b""


def test_served():
    """A file system that does not answer holds up nobody but who asks it."""
    system = FileSystem()
    file = os.open(system.file, os.O_RDWR)
    address = map_memory(READ_WRITE, SHARED, file)
    system.be_silent()
    assert libc.ioctl(file, ctypes.c_ulong(KVM_RUN), 0) == -1 and ctypes.get_errno() == 25
    machine = Machine(TOUCH)
    assert set_slot(machine, address) == 14
    os.kill(system.child, 9)


if __name__ == "__main__":
    for name in sys.argv[1:]:
        globals()["test_" + name]()
