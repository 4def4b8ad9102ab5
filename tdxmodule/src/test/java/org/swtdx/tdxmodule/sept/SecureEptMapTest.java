package org.swtdx.tdxmodule.sept;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.swtdx.cpu.CpuidModel;
import org.swtdx.cpu.EptFault;
import org.swtdx.cpu.GuestPhysicalMap;
import org.swtdx.memory.Cmr;
import org.swtdx.memory.Hpa;
import org.swtdx.memory.PhysicalAddressLayout;
import org.swtdx.memory.PhysicalMemory;
import org.swtdx.tdxmodule.status.Refusal;
import org.swtdx.tdxmodule.td.Tdcs;
import org.swtdx.tdxmodule.td.Tdr;
import org.swtdx.tdxmodule.virt.TdParameters;

/** Translation as a vCPU of a TD uses it at TLB fills. */
class SecureEptMapTest {
  private static final int KEYID = 40;
  private static final long KEY_BITS = (long) KEYID << 46;
  private static final long SHARED = 1L << 47;
  private static final long GPA = 0x1234_5000;

  private final PhysicalMemory memory =
      PhysicalMemory.create(
          PhysicalAddressLayout.DEFAULT, List.of(new Cmr(new Hpa(0), 0x100_0000)));
  private final EptFault fault = new EptFault();
  private Tdcs tdcs;
  private SecureEptMap map;

  @BeforeEach
  void fourLevelTd() throws Refusal, TdParameters.CpuidRefusal {
    byte[] params = new byte[TdParameters.SIZE];
    params[8] = 3; // XFAM
    params[16] = 1; // MAX_VCPUS
    params[24] = 0x1e; // EPTP_CONTROLS
    params[40] = 80; // TSC_FREQUENCY
    tdcs = new Tdr(0x1000, KEYID, memory.layout(), new long[4], 1).tdcs();
    tdcs.setParameters(TdParameters.check(params, CpuidModel.nativeModel()));
    tdcs.setSept(new SecureEpt(0x2000, 4));
    map = new SecureEptMap(tdcs, memory);
    for (int level = 3; level > 0; level--) {
      tdcs.sept().walk(GPA, level).link(0x3000 + 0x1000L * level);
    }
  }

  @AfterEach
  void close() {
    memory.close();
  }

  private SeptEntry entry() {
    return tdcs.sept().walk(GPA, 0);
  }

  @Test
  void aMappedPageIsReachedWithTheTdsKey() {
    entry().setLeaf(SeptState.MAPPED, 0x9000, false);

    for (int access : new int[] {1, 2, 4}) {
      assertThat(map.translate(GPA + 0x123, access, fault)).isEqualTo(0x9123 | KEY_BITS);
    }
  }

  @Test
  void aLargePageCoversTwoMebibytes() {
    long base = GPA & -0x20_0000L;
    SeptEntry large = tdcs.sept().walk(base, 1);
    large.clear(SeptState.FREE);
    large.setLeaf(SeptState.MAPPED, 0x60_0000, false);

    assertThat(map.translate(GPA + 8, GuestPhysicalMap.READ, fault))
        .isEqualTo(0x60_0000 + (GPA - base) + 8 | KEY_BITS);
  }

  @ParameterizedTest
  @EnumSource(SeptState.class)
  void onlyAccessibleLeavesTranslate(SeptState state) {
    if (state.isLeaf()) {
      entry().setLeaf(state, 0x9000, true);
    } else {
      entry().setState(state);
    }
    boolean readable =
        switch (state) {
          case MAPPED, BLOCKEDW, EXPORTED_BLOCKEDW, EXPORTED_DIRTY, EXPORTED_DIRTY_BLOCKEDW -> true;
          default -> false;
        };
    boolean writable = state == SeptState.MAPPED || state == SeptState.EXPORTED_DIRTY;

    assertThat(map.translate(GPA, GuestPhysicalMap.READ, fault) != GuestPhysicalMap.FAULT)
        .isEqualTo(readable);
    assertThat(map.translate(GPA, GuestPhysicalMap.WRITE, fault) != GuestPhysicalMap.FAULT)
        .isEqualTo(writable);
    if (!writable) {
      assertThat(fault.misconfiguration).isFalse();
      assertThat(fault.convertible).isEqualTo(state == SeptState.PENDING);
      assertThat(fault.permissions).isEqualTo(readable ? 5 << 3 : 0);
    }
  }

  @Test
  void aPendingPageCausesVeUnlessTheTdDisabledIt() {
    entry().setLeaf(SeptState.PENDING, 0x9000, true);
    map.translate(GPA, GuestPhysicalMap.READ, fault);
    assertThat(fault.convertible).isTrue();

    tdcs.tdCtls = Tdcs.CTLS_PENDING_VE_DISABLE;

    map.translate(GPA, GuestPhysicalMap.READ, fault);
    assertThat(fault.convertible).isFalse();
  }

  @Test
  void aBlockedTableBlocksWhatIsBelow() {
    entry().setLeaf(SeptState.MAPPED, 0x9000, false);
    tdcs.sept().walk(GPA, 2).setState(SeptState.NL_BLOCKED);

    assertThat(map.translate(GPA, GuestPhysicalMap.READ, fault)).isEqualTo(GuestPhysicalMap.FAULT);
    assertThat(fault.convertible).isFalse();
  }

  @Test
  void missingTablesAndForeignAddressesFault() {
    assertThat(map.translate(GPA + (1L << 39), 1, fault)).isEqualTo(GuestPhysicalMap.FAULT);
    assertThat(map.translate(1L << 48, 1, fault)).isEqualTo(GuestPhysicalMap.FAULT);
    assertThat(map.translate(GPA | SHARED, 1, fault)).isEqualTo(GuestPhysicalMap.FAULT);
    assertThat(fault.misconfiguration).isFalse();
  }

  @Test
  void sharedAddressesGoThroughTheHostsTablesWithoutTheTdsKey() {
    long root = 0x10_0000;
    long gpa = SHARED | 0x7000;
    for (int level = 3; level > 0; level--) {
      long table = root + 0x1000L * (3 - level);
      long index = gpa >>> 12 + 9 * level & 0x1ff;
      memory.host().write64(new Hpa(table + 8 * index), table + 0x1000 | 7);
    }
    memory.host().write64(new Hpa(root + 0x3000 + 8 * 7), 0x20_0000 | 0x37);
    map.setSharedEptPointer(root);

    assertThat(map.translate(gpa + 4, GuestPhysicalMap.WRITE, fault)).isEqualTo(0x20_0004);
    assertThat(map.translate(gpa + 0x1000, GuestPhysicalMap.READ, fault))
        .isEqualTo(GuestPhysicalMap.FAULT);
    assertThat(fault.convertible).as("suppress-#VE is clear").isTrue();

    memory.host().write64(new Hpa(root + 0x3000 + 8 * 7), 0x20_0000 | 0x37 | KEY_BITS);
    assertThat(map.translate(gpa, GuestPhysicalMap.READ, fault)).isEqualTo(GuestPhysicalMap.FAULT);
    assertThat(fault.misconfiguration).as("a private KeyID in a shared mapping").isTrue();
  }
}
