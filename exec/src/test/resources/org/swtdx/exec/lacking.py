"""Runs a program for which seccomp(2) fails, always or when a flag is set, as where it is lacking."""

import ctypes
import os
import struct
import sys

error, flag = int(sys.argv[1]), int(sys.argv[2])
SECCOMP, NUMBER, FLAGS = 317, 0, 24  # of the call; offsets in struct seccomp_data


def instruction(code, true, false, operand):
    return struct.pack("=HBBI", code, true, false, operand)


program = [
    instruction(0x20, 0, 0, NUMBER),
    instruction(0x15, 0, 3, SECCOMP),
    instruction(0x20, 0, 0, FLAGS),
    instruction(0x45, 0, 1, flag) if flag else instruction(0x05, 0, 0, 0),
    instruction(0x06, 0, 0, 0x00050000 | error),
    instruction(0x06, 0, 0, 0x7FFF0000),
]
code = ctypes.create_string_buffer(b"".join(program))
filter = struct.pack("=H6xQ", len(program), ctypes.addressof(code))
libc = ctypes.CDLL(None)
assert libc.prctl(38, 1, 0, 0, 0) == 0  # PR_SET_NO_NEW_PRIVS
assert libc.prctl(22, 2, filter, 0, 0) == 0  # PR_SET_SECCOMP
os.execv(sys.argv[3], sys.argv[3:])
