"""Which signals end KVM_RUN: those that the thread does not block, or that KVM_SET_SIGNAL_MASK does not."""

import os
import signal
import struct
import sys
import threading
import time

from client import Machine, ioctl, libc
from hostile import COUNT

KVM_SET_SIGNAL_MASK = 0x4004AE8B
KVM_GET_MP_STATE = 0x8004AE98
SYS_TGKILL = 234
received = []


def set_mask(vcpu, *blocked):
    bits = sum(1 << number - 1 for number in blocked)
    ioctl(vcpu, KVM_SET_SIGNAL_MASK, struct.pack("=IQ", 8, bits))


def counting():
    for number in (signal.SIGUSR1, signal.SIGUSR2):
        signal.signal(number, lambda n, _: received.append(n))
    machine = Machine(COUNT)
    machine.runner = threading.get_ident()
    return machine


def runs(machine):
    """Whether the guest runs, within seconds."""
    before = machine.ram[0x3000:0x3004]
    end = time.monotonic() + 5
    while machine.ram[0x3000:0x3004] == before:
        if time.monotonic() > end:
            return False
    return True


def meanwhile(work):
    """Does something while the guest runs; what is returned waits for it and says what it said."""
    said = []
    thread = threading.Thread(target=lambda: said.append(work()))
    thread.start()

    def wait():
        thread.join()
        return said[0]

    return wait


def run_through(machine, first, second):
    """A run that goes on when a first signal comes, and ends with a second one."""

    def send():
        started = runs(machine)
        signal.pthread_kill(machine.runner, first)
        time.sleep(0.05)
        went_on = runs(machine)
        signal.pthread_kill(machine.runner, second)
        return started and went_on

    done = meanwhile(send)
    assert machine.try_run() is None
    assert done()


def test_unblocked():
    """What the thread blocks ends a run whose mask does not, and stays."""
    machine = counting()
    everywhere = lambda: os.kill(os.getpid(), signal.SIGUSR1)
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
    set_mask(machine.vcpu)
    for send in (lambda: signal.pthread_kill(machine.runner, signal.SIGUSR1), everywhere):
        done = meanwhile(lambda: runs(machine) and (send(), True)[1])
        assert machine.try_run() is None
        assert done()
        assert signal.SIGUSR1 in signal.sigpending()
        stands = machine.ram[0x3000:0x3004]
        for _ in range(10):
            assert machine.try_run() is None
        assert machine.ram[0x3000:0x3004] == stands  # it ended before the guest did anything
        assert not received
        assert signal.sigtimedwait([signal.SIGUSR1], 0).si_signo == signal.SIGUSR1


def test_blocked():
    """What the mask blocks does not end the run, though the thread would have it."""
    machine = counting()
    set_mask(machine.vcpu, signal.SIGUSR2)
    run_through(machine, signal.SIGUSR2, signal.SIGUSR1)
    assert sorted(received) == [signal.SIGUSR1, signal.SIGUSR2], received


def test_none():
    """Without a mask the thread's own counts again."""
    machine = counting()
    set_mask(machine.vcpu)
    ioctl(machine.vcpu, KVM_SET_SIGNAL_MASK, 0)
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
    run_through(machine, signal.SIGUSR1, signal.SIGUSR2)
    assert received == [signal.SIGUSR2], received
    assert signal.SIGUSR1 in signal.sigpending()


def test_ignored():
    """What is ignored waits while it is blocked, and ends a run that would have it."""
    machine = counting()
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    set_mask(machine.vcpu)
    run_through(machine, signal.SIGUSR1, signal.SIGUSR2)
    assert received == [signal.SIGUSR2], received
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
    done = meanwhile(lambda: runs(machine) and (signal.pthread_kill(machine.runner, signal.SIGUSR1), True)[1])
    assert machine.try_run() is None
    assert done()


def test_kicked():
    """Signals of another process end KVM_RUN, and as good as no other ioctl: one of thousands."""
    machine = counting()
    parent = os.getpid()
    sender = os.fork()
    if sender == 0:
        while os.getppid() == parent:
            libc.syscall(SYS_TGKILL, parent, parent, signal.SIGUSR1)
            time.sleep(0.0003)
        os._exit(0)
    calls = interrupted = 0
    while len(received) < 300:
        calls += 1
        try:
            ioctl(machine.vcpu, KVM_GET_MP_STATE, bytes(4))
        except InterruptedError:
            interrupted += 1
    os.kill(sender, signal.SIGKILL)
    os.waitpid(sender, 0)
    assert interrupted <= 3 < calls, (interrupted, calls)
    machine.run_area[1] = 1
    assert machine.try_run() is None  # which a signal may end


def run_until_signals(machine, seconds):
    """A run that a timer's signals end: the first may come before the run begins."""
    received.clear()
    signal.setitimer(signal.ITIMER_REAL, seconds, 0.05)
    assert machine.try_run() is None
    signal.setitimer(signal.ITIMER_REAL, 0)
    assert signal.SIGALRM in received


def test_halted():
    """A guest that halts in the kernel waits until a timer's signal or immediate_exit ends its run."""
    machine = Machine(bytes.fromhex("f4ebfd"), irqchip=True)  # hlt, and back
    signal.signal(signal.SIGALRM, lambda n, _: received.append(n))
    for seconds in (0.01, 0.02, 0.3, 1.1):
        run_until_signals(machine, seconds)
        threading.Timer(seconds, machine.run_area.__setitem__, (1, 1)).start()
        assert machine.try_run() is None
        machine.run_area[1] = 0
    other = counting()
    run_until_signals(machine, 0.3)  # while nothing else goes on; then another guest runs
    done = meanwhile(lambda: runs(other) and (signal.pthread_kill(other.runner, signal.SIGUSR2), True)[1])
    assert other.try_run() is None
    assert done()


def test_crowded():
    """Signals end the runs of one who is in more groups than fit on a page of its status."""
    os.setgroups(range(1000000, 1001000))
    machine = counting()
    done = meanwhile(lambda: runs(machine) and (os.kill(os.getpid(), signal.SIGUSR1), True)[1])
    assert machine.try_run() is None
    assert done() and received == [signal.SIGUSR1], received


if __name__ == "__main__":
    for name in sys.argv[1:]:
        child = os.fork()
        if child == 0:
            globals()["test_" + name]()
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0, name
