package org.swtdx.kvm;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.swtdx.kvm.uapi.KvmExit;
import org.swtdx.kvm.uapi.KvmIoctl;
import org.swtdx.kvm.uapi.KvmRegs;
import org.swtdx.kvm.uapi.KvmSregs;
import org.swtdx.kvm.uapi.KvmUserspaceMemoryRegion;
import org.swtdx.kvm.uapi.KvmVmType;
import org.swtdx.kvm.uapi.Struct;

/** User memory that loses a frame after a fault looked it up and before the fault maps it. */
class InvalidatedFaultTest {
  private static final int PAGE = 4096;

  @AutoClose private final TestHost machine = new TestHost();
  private final VmmProcess base = machine.newProcess();
  private final UserMemory user = base.memory();
  private final RacingProcess process = new RacingProcess();
  private long victim;
  private long scratch;

  /** A process whose memory discards the victim's page right after its frame was told. */
  private final class RacingProcess implements UserProcess, AddressSpace {
    @Override
    public AddressSpace memory() {
      return this;
    }

    @Override
    public long frame(long uaddr) {
      long frame = user.frame(uaddr);
      if (victim != 0 && uaddr == victim) {
        victim = 0;
        assertThat(user.discard(uaddr, PAGE)).isZero();
      }
      return frame;
    }

    @Override
    public int install(KvmFile file) {
      return base.install(file);
    }

    @Override
    public @Nullable KvmFile file(int fd) {
      return base.file(fd);
    }

    @Override
    public boolean isOpen(int fd) {
      return base.isOpen(fd);
    }

    @Override
    public @Nullable EventFd eventFd(int fd) {
      return base.eventFd(fd);
    }

    @Override
    public boolean read(long uaddr, byte[] target, int offset, int length) {
      return user.read(uaddr, target, offset, length);
    }

    @Override
    public boolean write(long uaddr, byte[] source, int offset, int length) {
      return user.write(uaddr, source, offset, length);
    }

    @Override
    public boolean contains(long uaddr, long size) {
      return user.contains(uaddr, size);
    }

    @Override
    public void addListener(RangeListener listener) {
      user.addListener(listener);
    }

    @Override
    public void removeListener(RangeListener listener) {
      user.removeListener(listener);
    }
  }

  @BeforeEach
  void scratchMemory() {
    scratch = user.mmap(PAGE);
  }

  private int ioctl(int fd, int number, Struct struct) {
    byte[] bytes = struct.segment().toArray(ValueLayout.JAVA_BYTE);
    assertThat(user.write(scratch, bytes, 0, bytes.length)).isTrue();
    KvmFile file = base.file(fd);
    int result = file == null ? -1 : file.ioctl(process, number, scratch);
    assertThat(user.read(scratch, bytes, 0, bytes.length)).isTrue();
    MemorySegment.copy(bytes, 0, struct.segment(), ValueLayout.JAVA_BYTE, 0, bytes.length);
    return result;
  }

  @Test
  void theGuestStoresToThePageThatTheProcessHas() {
    int vm = new SystemFile(machine.host).ioctl(process, KvmIoctl.CREATE_VM, KvmVmType.DEFAULT);
    long ram = user.mmap(4 * PAGE);
    KvmUserspaceMemoryRegion region =
        new KvmUserspaceMemoryRegion().memorySize(4 * PAGE).userspaceAddr(ram);
    assertThat(ioctl(vm, KvmIoctl.SET_USER_MEMORY_REGION, region)).isZero();
    KvmFile file = base.file(vm);
    int vcpu = file == null ? -1 : file.ioctl(process, KvmIoctl.CREATE_VCPU, 0);
    KvmSregs sregs = new KvmSregs();
    assertThat(ioctl(vcpu, KvmIoctl.GET_SREGS, sregs)).isZero();
    sregs.selector(KvmSregs.CS, 0).base(KvmSregs.CS, 0);
    assertThat(ioctl(vcpu, KvmIoctl.SET_SREGS, sregs)).isZero();
    assertThat(ioctl(vcpu, KvmIoctl.SET_REGS, new KvmRegs().rip(0x1000).rflags(2))).isZero();
    // mov byte [0x2000],0x5a; out 0x80,al
    user.store(ram + 0x1000, 8, 0x80e6_5a20_0006_c6L);
    victim = ram + 0x2000;

    KvmFile running = base.file(vcpu);
    assertThat(running == null ? -1 : running.ioctl(process, KvmIoctl.RUN, 0)).isZero();

    assertThat(base.vcpu(vcpu).orElseThrow().kvmRun().exitReason()).isEqualTo(KvmExit.IO);
    assertThat(victim).as("the page was discarded").isZero();
    assertThat(user.load(ram + 0x2000, 1)).isEqualTo(0x5a);
  }
}
