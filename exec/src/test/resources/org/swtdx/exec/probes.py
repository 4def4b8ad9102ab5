"""How programs look for KVM: every way to open, examine and list its paths."""

import ctypes
import errno
import fcntl
import os
import stat
import struct
import sys
import tempfile

from client import GREET, KVM_EXIT_IO, KVM_GET_API_VERSION, Machine, ioctl, libc

INTEL = "/sys/module/kvm_intel/parameters"
OPEN, STAT, LSTAT, ACCESS, OPENAT, NEWFSTATAT, FACCESSAT, STATX, OPENAT2, FACCESSAT2 = (
    2, 4, 6, 21, 257, 262, 269, 332, 437, 439)
AT_FDCWD = -100
NO_XDEV, NO_MAGICLINKS, NO_SYMLINKS, BENEATH, IN_ROOT, CACHED = 1, 2, 4, 8, 16, 32


def syscall(number, *arguments):
    """The result, or a negative error number."""
    values = [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
    result = libc.syscall(ctypes.c_long(number), *values)
    return result if result >= 0 else -ctypes.get_errno()


def is_kvm(fd):
    assert fd >= 0, errno.errorcode[-fd]
    try:
        return ioctl(fd, KVM_GET_API_VERSION) == 12
    finally:
        os.close(fd)


def openat2(folder, path, flags=os.O_RDWR, mode=0, resolve=0, size=24, extra=b""):
    return syscall(OPENAT2, folder, path, struct.pack("=3Q", flags, mode, resolve) + extra, size)


def test_opened():
    device = b"/dev/kvm"
    for flags in (os.O_RDONLY, os.O_WRONLY, os.O_RDWR, os.O_RDWR | os.O_NOFOLLOW,
                  os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY, os.O_RDWR | os.O_CREAT):
        assert is_kvm(syscall(OPEN, device, flags, 0))
        assert is_kvm(syscall(OPENAT, AT_FDCWD, device, flags, 0))
        assert is_kvm(openat2(AT_FDCWD, device, flags))
    for flags, closes in ((os.O_RDWR, 0), (os.O_RDWR | os.O_CLOEXEC, 1)):
        for fd in (syscall(OPEN, device, flags), openat2(-1, device, flags)):
            assert fcntl.fcntl(fd, fcntl.F_GETFD) == closes
            os.close(fd)
    path = syscall(OPEN, device, os.O_PATH)
    assert is_kvm(os.open("/proc/self/fd/%d" % path, os.O_RDWR))
    os.close(path)
    assert syscall(OPEN, device, os.O_RDWR | os.O_DIRECTORY) == -errno.ENOTDIR
    assert syscall(OPEN, b"/dev/kvm/", os.O_RDWR) == -errno.ENOTDIR
    assert syscall(OPEN, device, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600) == -errno.EEXIST
    assert syscall(OPEN, 1, os.O_RDWR) == -errno.EFAULT
    assert syscall(OPEN, b"/dev/k\xe9", os.O_RDWR) == -errno.ENOENT
    assert syscall(OPEN, b"/dev/k\xe9/kvm", os.O_RDWR) == -errno.ENOENT



def test_processors():
    """The machine's processors, each with the flags by which programs know a host of KVM and of TDs."""
    path = b"/proc/cpuinfo"
    os.chdir("/proc")
    with open("cpuinfo", "rb") as file:  # by another path it is the machine's
        machine = file.read().split(b"\n")
    for fd in (syscall(OPEN, path, os.O_RDONLY), syscall(OPENAT, AT_FDCWD, b"/proc/../proc//cpuinfo", 0),
               openat2(AT_FDCWD, path, os.O_RDONLY | os.O_CLOEXEC)):
        assert fd >= 0, errno.errorcode[-fd]
        with os.fdopen(fd, "rb") as file:
            shown = file.read().split(b"\n")
        assert len(shown) == len(machine)
        for ours, real in zip(shown, machine):
            if real.startswith(b"flags\t"):
                assert ours.startswith(real) and {b"vmx", b"tdx_host_platform"} <= set(ours.split()), ours
                assert len(ours.split()) == len(set(real.split()) | {b"vmx", b"tdx_host_platform"})
            elif not real.startswith(b"cpu MHz"):
                assert ours == real
    assert sum(line.startswith(b"flags\t") for line in shown) == os.cpu_count()
    assert syscall(OPEN, path, os.O_RDONLY | os.O_DIRECTORY) == -errno.ENOTDIR
    assert syscall(OPEN, b"/proc/1/cpuinfo", os.O_RDONLY) == -errno.ENOENT
    assert syscall(ACCESS, path, os.W_OK) in (0, -errno.EACCES)  # as root
    assert os.stat(path).st_dev == os.stat("/proc/stat").st_dev


def test_resolved():
    dev, proc, root, tmp = (os.open(f, os.O_RDONLY) for f in ("/dev", "/proc", "/", "/tmp"))
    for resolve in (NO_MAGICLINKS, NO_SYMLINKS, CACHED, NO_SYMLINKS | NO_MAGICLINKS):
        assert is_kvm(openat2(AT_FDCWD, b"/dev/kvm", resolve=resolve))
    for resolve in (0, BENEATH, IN_ROOT, NO_XDEV, BENEATH | NO_XDEV):
        assert is_kvm(openat2(dev, b"./kvm", resolve=resolve))
    assert is_kvm(openat2(root, b"/dev/kvm", resolve=IN_ROOT))
    assert is_kvm(openat2(root, b"../dev/kvm", resolve=IN_ROOT))
    assert is_kvm(openat2(dev, b"/../kvm", resolve=IN_ROOT))
    assert openat2(tmp, b"/dev/kvm", resolve=IN_ROOT) == -errno.ENOENT
    for resolve in (BENEATH, BENEATH | NO_SYMLINKS):
        assert openat2(dev, b"/dev/kvm", resolve=resolve) == -errno.EXDEV
        assert openat2(proc, b"../dev/kvm", resolve=resolve) == -errno.EXDEV
    assert openat2(root, b"dev/kvm", resolve=NO_XDEV) in (-errno.EXDEV, -errno.ENOENT)
    assert openat2(99, b"kvm") == -errno.EBADF
    for wrong in (dict(resolve=0x40), dict(flags=1 << 40), dict(mode=0o600), dict(size=16)):
        assert openat2(AT_FDCWD, b"/dev/kvm", **wrong) == -errno.EINVAL, wrong
    assert is_kvm(openat2(AT_FDCWD, b"/dev/kvm", size=32, extra=bytes(8)))
    assert openat2(AT_FDCWD, b"/dev/kvm", size=32, extra=b"later---") == -errno.E2BIG
    assert syscall(OPENAT2, AT_FDCWD, b"/dev/kvm", 8, 24) == -errno.EFAULT
    for fd in (dev, proc, root, tmp):
        os.close(fd)


def test_examined():
    device, folder, parameter = b"/dev/kvm", INTEL.encode(), (INTEL + "/tdx").encode()
    buffer = ctypes.create_string_buffer(256)
    for path, kind, rights in (
            (device, stat.S_IFCHR, 6), (folder, stat.S_IFDIR, 5), (parameter, stat.S_IFREG, 4)):
        stats = [(syscall(number, path, buffer), buffer[24:28]) for number in (STAT, LSTAT)]
        stats.append((syscall(NEWFSTATAT, AT_FDCWD, path, buffer, 0x100), buffer[24:28]))
        stats.append((syscall(STATX, AT_FDCWD, path, 0, 0x7FF, buffer), buffer[28:30] + bytes(2)))
        for result, mode in stats:
            assert (result, stat.S_IFMT(struct.unpack("=I", mode)[0])) == (0, kind), (path, result)
        for wanted in range(8):
            expected = 0 if wanted & ~rights == 0 else -errno.EACCES
            assert syscall(ACCESS, path, wanted) == expected, (path, wanted)
            assert syscall(FACCESSAT, AT_FDCWD, path, wanted) == expected
            assert syscall(FACCESSAT2, AT_FDCWD, path, wanted, 0) == expected
        assert syscall(ACCESS, path, 8) == -errno.EINVAL
        assert syscall(STAT, path, 8) == syscall(STATX, AT_FDCWD, path, 0, 0, 8) == -errno.EFAULT
        for number in (89, 267):  # readlink, readlinkat
            before = (path,) if number == 89 else (AT_FDCWD, path)
            assert syscall(number, *before, buffer, 256) == -errno.EINVAL
        assert syscall(191, path, b"user.x", buffer, 256) == -errno.ENODATA  # getxattr
        assert syscall(194, path, buffer, 256) == 0  # listxattr
    found = os.stat("/dev/kvm")
    assert (os.major(found.st_rdev), os.minor(found.st_rdev)) == (10, 232)
    libc.realpath.restype = ctypes.c_char_p
    for path in (device, parameter):
        assert libc.realpath(path, None) == path
    assert not os.path.exists(INTEL + "/none")
    with tempfile.TemporaryFile() as other:  # fstat, as some C libraries make it
        other.write(b"four")
        other.flush()
        assert syscall(NEWFSTATAT, other.fileno(), b"", buffer, 0x1000) == 0
        assert struct.unpack_from("=Q", buffer, 48)[0] == 4


def test_listed():
    for module in ("kvm", "kvm_intel"):
        assert os.listdir("/sys/module/" + module) == ["parameters"]
    names = os.listdir(INTEL)
    assert "tdx" in names and len(names) == len(set(names)) > 10, names
    folder = os.open(INTEL, os.O_RDONLY | os.O_DIRECTORY)
    other = os.open(INTEL, os.O_RDONLY)
    assert os.listdir(folder) == names
    assert os.path.samestat(os.fstat(folder), os.stat(INTEL))
    with open(os.open("tdx", os.O_RDONLY, dir_fd=folder)) as parameter:
        assert parameter.read() == "Y\n"
        assert os.path.samestat(os.fstat(parameter.fileno()), os.stat(INTEL + "/tdx"))
    assert os.stat("ept", dir_fd=folder).st_mode == stat.S_IFREG | 0o444
    assert os.access("../parameters/ept", os.R_OK, dir_fd=folder)
    assert syscall(OPENAT, folder, b"none", os.O_RDONLY) == -errno.ENOENT
    # Few at a time, with a position of its own for each time that it was opened.
    small = ctypes.create_string_buffer(64)
    assert syscall(217, other, small, 8) == -errno.EINVAL
    assert syscall(217, other, 8, 64) == -errno.EFAULT
    listed = []
    length = syscall(217, other, small, 64)
    while length > 0:
        at = 0
        while at < length:
            record = struct.unpack_from("=H", small, at + 16)[0]
            listed.append(small[at + 19:at + record].split(b"\0")[0].decode())
            at += record
        length = syscall(217, other, small, 64)
    assert length == 0 and listed == [".", ".."] + names, listed
    os.lseek(other, 0, os.SEEK_SET)
    assert syscall(217, os.dup(other), small, 64) > 0
    os.fchdir(folder)
    with open("pml") as parameter:
        assert parameter.read() == "N\n"
    for flags, error in ((os.O_RDWR, errno.EISDIR), (os.O_WRONLY, errno.EISDIR)):
        assert syscall(OPEN, INTEL.encode(), flags) == -error
    for flags in (os.O_RDWR, os.O_WRONLY, os.O_RDONLY | os.O_TRUNC):
        assert syscall(OPEN, (INTEL + "/tdx").encode(), flags) == -errno.EACCES
    assert syscall(OPEN, (INTEL + "/new").encode(), os.O_CREAT | os.O_WRONLY) == -errno.ENOENT
    for left in os.listdir("/dev/shm"):
        assert not left.startswith("swtdx"), left
    with tempfile.TemporaryDirectory() as real:
        os.mkdir(real + "/x")
        assert os.listdir(real) == ["x"]


def test_linked():
    with tempfile.TemporaryDirectory() as folder:
        os.symlink("/dev/kvm", folder + "/direct")
        os.symlink("direct", folder + "/second")
        os.symlink("/dev", folder + "/folder")
        os.symlink("../../../../../../dev/kvm", folder + "/up")
        os.symlink("itself", folder + "/itself")
        open(folder + "/file", "w").close()
        at = os.open(folder, os.O_RDONLY)
        for name in ("direct", "second", "folder/kvm", "up"):
            assert is_kvm(os.open(folder + "/" + name, os.O_RDWR)), name
            assert is_kvm(os.open(name, os.O_RDWR, dir_fd=at)), name
        assert syscall(OPEN, (folder + "/itself").encode(), os.O_RDWR) == -errno.ELOOP
        direct = (folder + "/direct").encode()
        assert syscall(OPEN, direct, os.O_RDWR | os.O_NOFOLLOW) == -errno.ELOOP
        assert openat2(AT_FDCWD, direct, resolve=NO_SYMLINKS) == -errno.ELOOP
        for name in ("file", "."):
            assert syscall(OPEN, (folder + "/" + name).encode(), os.O_RDWR) in (
                -errno.EISDIR, *range(3, 99))


def test_named():
    """Names of threads and mapped files are bytes, which need not be text."""
    assert libc.prctl(15, b"half \xc3", 0, 0, 0) == 0  # PR_SET_NAME
    with tempfile.TemporaryDirectory() as folder:
        file = os.open(folder.encode() + b"/\xe9\xff", os.O_RDWR | os.O_CREAT)
        os.ftruncate(file, 4096)
        libc.mmap(None, ctypes.c_size_t(4096), 1, 2, file, ctypes.c_long(0))
        machine = Machine(GREET)
        assert machine.run() == KVM_EXIT_IO


if __name__ == "__main__":
    for name in sys.argv[1:]:
        globals()["test_" + name]()
