package org.swtdx.cpu.mmu;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.swtdx.cpu.EptFault;
import org.swtdx.cpu.GuestPhysicalMap;
import org.swtdx.cpu.VmControls;
import org.swtdx.cpu.core.Core;
import org.swtdx.cpu.core.GuestFault;
import org.swtdx.cpu.testkit.FixedEnvironment;
import org.swtdx.memory.Cmr;
import org.swtdx.memory.Hpa;
import org.swtdx.memory.PhysicalAddressLayout;
import org.swtdx.memory.PhysicalMemory;

/** A core with real memory below it, without instructions: accesses and what they fault with. */
final class WalkBench implements MemoryFaults, AutoCloseable {
  static final long SIZE = 4 << 20;
  static final long ROOT = 0x1000;
  static final long PAGE = 0x20_0000;

  final PhysicalMemory memory =
      PhysicalMemory.create(PhysicalAddressLayout.DEFAULT, List.of(new Cmr(new Hpa(0), SIZE)));
  final VmControls controls = new VmControls();
  final Map<Long, Integer> refused = new HashMap<>();
  final Mmu mmu = new Mmu(memory, this::map, controls, this, () -> {});
  final Core core = new Core(mmu, new FixedEnvironment());
  int errorCode = -1;
  long faultAddress = -1;
  long secondLevelGpa = -1;
  int secondLevelAccess;
  boolean secondLevelFinal;

  private long map(long gpa, int access, EptFault fault) {
    return (refused.getOrDefault(gpa >>> 12, 0) & access) != 0 ? GuestPhysicalMap.FAULT : gpa;
  }

  @Override
  public GuestFault pageFault(long linear, int code) {
    faultAddress = linear;
    errorCode = code;
    core.faultVector = Core.PF;
    throw GuestFault.INSTANCE;
  }

  @Override
  public GuestFault deviceNotReady() {
    throw core.raise(-4);
  }

  @Override
  public GuestFault machineCheck() {
    throw core.raise(Core.MC);
  }

  @Override
  public GuestFault secondLevel(
      long linear, long gpaRaw, int access, boolean finalAccess, EptFault fault) {
    secondLevelGpa = gpaRaw;
    secondLevelAccess = access;
    secondLevelFinal = finalAccess;
    core.faultVector = -2;
    throw GuestFault.INSTANCE;
  }

  @Override
  public void accessed(long linear, int size, boolean write) {}

  @Override
  public void enterMap() {}

  @Override
  public boolean leaveMap() {
    return false;
  }

  void write64(long at, long value) {
    memory.host().write64(new Hpa(at), value);
  }

  long read64(long at) {
    return memory.host().read64(new Hpa(at));
  }

  void write32(long at, int value) {
    memory.host().write32(new Hpa(at), value);
  }

  int read32(long at) {
    return memory.host().read32(new Hpa(at));
  }

  /** 4- or 5-level paging with every permission and PAGE mapped at {@code linear}. */
  WalkBench longMode(int levels, long linear) {
    core.cr0 = Core.CR0_PE | Core.CR0_PG | Core.CR0_WP;
    core.cr4 = Core.CR4_PAE | (levels == 5 ? Core.CR4_LA57 : 0);
    core.efer = Core.EFER_LME | Core.EFER_LMA | Core.EFER_NXE;
    core.cr3 = ROOT;
    core.accessRights[1] = 0xa09b;
    core.modeChanged();
    for (int level = levels; level >= 1; level--) {
      long target = level == 1 ? PAGE : table(level - 1);
      write64(entry(levels, level, linear), target | 7);
    }
    return this;
  }

  private static long table(int level) {
    return 0x10_000L * level;
  }

  /** Where the entry of {@code level} is that translates {@code linear}. */
  static long entry(int levels, int level, long linear) {
    long base = level == levels ? ROOT : table(level);
    return base + (linear >>> 3 + 9 * level & 0x1ff) * 8;
  }

  void user(boolean user) {
    core.cpl = user ? 3 : 0;
    core.modeChanged();
  }

  /** Performs an access; returns -1 or the vector it faulted with. */
  int access(int access, long linear) {
    core.faultVector = -1;
    errorCode = -1;
    faultAddress = -1;
    secondLevelGpa = -1;
    try {
      switch (access) {
        case GuestPhysicalMap.READ -> core.load64(linear);
        case GuestPhysicalMap.WRITE -> core.store64(linear, 0x55);
        default -> mmu.fetch(core, linear, new org.swtdx.cpu.core.CodePage());
      }
      return -1;
    } catch (GuestFault fault) {
      return core.faultVector;
    }
  }

  @Override
  public void close() {
    mmu.close();
    memory.close();
  }
}
