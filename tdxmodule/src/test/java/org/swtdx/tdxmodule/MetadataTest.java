package org.swtdx.tdxmodule;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.swtdx.memory.Hpa;
import org.swtdx.tdxmodule.metadata.AccessMode;
import org.swtdx.tdxmodule.metadata.FieldTable;
import org.swtdx.tdxmodule.metadata.TdFields;
import org.swtdx.tdxmodule.status.Refusal;
import org.swtdx.tdxmodule.status.Status;
import org.swtdx.tdxmodule.td.Tdcs;

/** Metadata fields through TDH.SYS.RD, TDH.MNG.RD and TDH.MNG.WR, and the engine behind them. */
class MetadataTest {
  private static final long ATTRIBUTES = 0x1110_0003_0000_0000L;
  private static final long XFAM = 0x1110_0003_0000_0001L;
  private static final long TSC_OFFSET = 0x1110_0003_0000_000aL;
  private static final long TSC_MULTIPLIER = 0x1110_0003_0000_000bL;
  private static final long HP_LOCK_TIMEOUT = 0x9110_0003_0000_0011L;
  private static final long TD_CTLS = 0x9110_0003_0000_0017L;
  private static final long MRTD = 0x1310_0003_0000_0000L;
  private static final long RTMR = 0x1310_0003_0000_0040L;
  private static final long CPUID_VALUES = 0x9410_0003_0000_0000L;

  private final Host host = Host.ready();

  @AfterEach
  void close() {
    host.close();
  }

  /** Field ids as Linux composes them, without element sizes in places, and what must come out. */
  static Stream<Arguments> systemFields() {
    return Stream.of(
        Arguments.of("VENDOR_ID", 0x0800_0002_0000_0000L, 0x8086L),
        Arguments.of("MAJOR_VERSION", 0x0800_0001_0000_0004L, 1L),
        Arguments.of("MINOR_VERSION", 0x0800_0001_0000_0003L, 5L),
        Arguments.of("MAX_TDMRS", 0x9100_0001_0000_0008L, 64L),
        Arguments.of("MAX_RESERVED_PER_TDMR", 0x9100_0001_0000_0009L, 16L),
        Arguments.of("PAMT_4K_ENTRY_SIZE", 0x9100_0001_0000_0010L, 16L),
        Arguments.of("PAMT_2M_ENTRY_SIZE, no size in the id", 0x9100_0000_0000_0011L, 16L),
        Arguments.of("PAMT_1G_ENTRY_SIZE, bit 63 clear", 0x1100_0000_0000_0012L, 16L),
        Arguments.of("TDR_BASE_SIZE", 0x9800_0001_0000_0000L, 4096L),
        Arguments.of("TDCS_BASE_SIZE", 0x9800_0001_0000_0100L, 24576L),
        Arguments.of("TDVPS_BASE_SIZE", 0x9800_0001_0000_0200L, 24576L),
        Arguments.of("XFAM_FIXED1", 0x1900_0003_0000_0003L, 3L),
        Arguments.of("ATTRIBUTES_FIXED1", 0x1900_0003_0000_0001L, 0L),
        Arguments.of("MAX_VCPUS_PER_TD", 0x9900_0001_0000_0008L, 576L),
        Arguments.of("NUM_CPUID_CONFIG", 0x9900_0001_0000_0004L, 18L),
        Arguments.of("first CPUID_CONFIG leaf", 0x9900_0003_0000_0400L, 0xffff_ffff_0000_0001L),
        Arguments.of("second CPUID_CONFIG leaf", 0x9900_0003_0000_0401L, 4L),
        Arguments.of("last CPUID_CONFIG leaf", 0x9900_0003_0000_041fL, -1L),
        Arguments.of("last CPUID_CONFIG value", 0x9900_0003_0000_053fL, 0L),
        Arguments.of("MIN_VIRT_MAXPA", 0x9900_0000_0000_0009L, 45L),
        Arguments.of("NUM_CMRS", 0x9000_0001_0000_0000L, 32L),
        Arguments.of("CMR_SIZE 0", 0x9000_0003_0000_0100L, 2 * Host.GIB),
        Arguments.of("CMR_SIZE 31", 0x9000_0003_0000_011fL, 0L));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("systemFields")
  void sysRdServesWhatAKernelReads(String name, long id, long value) {
    Host.ok(host.call(Host.SYS_RD, 0, id));

    assertThat(host.regs.r8).isEqualTo(value);
  }

  @Test
  void featuresIncludeWhatLinuxRequires() {
    Host.ok(host.call(Host.SYS_RD, 0, 0x0a00_0003_0000_0008L));

    assertThat(host.regs.r8 >>> 18 & 1).as("NO_RBP_MOD").isOne();
    assertThat(host.regs.r8 >>> 20 & 1).as("TOPOLOGY_ENUM").isOne();
    assertThat(host.regs.r8 >>> 1 & 1).as("TD preserving").isOne();
    assertThat(host.regs.r8 & 0x45).as("migration, service TDs, Connect").isZero();
  }

  @Test
  void unknownFieldsAndUnreadableOnesHaveDifferentErrors() {
    assertThat(host.call(Host.SYS_RD, 0, 0x3f00_0000_0000_0000L))
        .isEqualTo(Status.METADATA_FIELD_ID_INCORRECT);
    assertThat(host.call(Host.SYS_RD, 0, 0x9000_0003_0000_0120L))
        .as("one after the last CMR_SIZE")
        .isEqualTo(Status.METADATA_FIELD_ID_INCORRECT);
    assertThat(host.regs.rdx).isEqualTo(-1);
    Host.ok(host.call(Host.SYS_RD, 0, 0xa100_0001_0000_0000L));
    assertThat(host.regs.r8).as("MAX_SERV_TDS: there are none").isZero();
    long tdr = host.initializedTd(Host.TD_KEYID, 0);
    assertThat(host.call(Host.MNG_RD, tdr, 0x8210_0003_0000_0002L))
        .as("SEAMDB_NONCE is nobody's to read")
        .isEqualTo(Status.METADATA_FIELD_NOT_READABLE);
  }

  @Test
  void mngRdReportsTheConfiguration() {
    long tdr = host.initializedTd(Host.TD_KEYID, 1L << 28);

    assertThat(read(tdr, ATTRIBUTES)).isEqualTo(1L << 28);
    assertThat(read(tdr, XFAM)).isEqualTo(3);
    assertThat(read(tdr, TSC_MULTIPLIER)).isEqualTo(1L << 48);
    assertThat(read(tdr, TSC_OFFSET)).isNegative();
    assertThat(read(tdr, 0x8110_0001_0000_0001L)).as("HKID").isEqualTo(Host.TD_KEYID);
    assertThat(read(tdr, 0x8010_0003_0000_0010L + 3))
        .as("the fourth TDCX page, with the TD's KeyID")
        .isEqualTo(host.state().layout().keyed(host.td(tdr).tdcxPages().get(3), Host.TD_KEYID));
    assertThat(read(tdr, 0x1110_0003_0000_0004L))
        .as("EPTP points to it")
        .isEqualTo(host.td(tdr).tdcxPages().get(3) | 0x1e);
  }

  @Test
  void hostsReadGuestSecretsOfDebugTdsOnly() {
    long production = host.initializedTd(Host.TD_KEYID, 0);
    long debug = host.initializedTd(Host.TD_KEYID + 1, 1);

    assertThat(host.call(Host.MNG_RD, production, RTMR))
        .isEqualTo(Status.METADATA_FIELD_NOT_READABLE);
    assertThat(read(debug, RTMR)).isZero();
    assertThat(host.call(Host.MEM_RD, 0, production)).isEqualTo(Status.TD_NON_DEBUG);
  }

  /** The id after {@code id}; behind a CPUID leaf that has no values only the table knows it. */
  private long next(long tdr, long id) {
    long status = host.call(1 << 16 | Host.MNG_RD, tdr, id);
    if (status == Status.METADATA_FIELD_NOT_READABLE) {
      assertThat(host.regs.rdx).isEqualTo(-1);
      return Host.fieldAfter(id);
    }
    Host.ok(status);
    return host.regs.rdx;
  }

  @Test
  void theScopeInAnIdDoesNotCountAndItsSizeIsKept() {
    long tdr = host.initializedTd(Host.TD_KEYID, 0);
    int v1 = 1 << 16 | Host.MNG_RD;
    long first = TdFields.TABLE.firstReadable(AccessMode.HOST);

    assertThat(host.call(v1, tdr, 0xffaf_ffff_ffff_ffffL))
        .as("all ones but for the scope")
        .isEqualTo(Status.METADATA_FIRST_FIELD_ID_IN_CONTEXT);
    assertThat(host.regs.rdx).isEqualTo(first);
    Host.ok(host.call(v1, tdr, MRTD & 0x3f00_0000_0000_0000L));
    assertThat(host.regs.rdx).as("scope, no size").isEqualTo(0x1310_0000_0000_0001L);
    assertThat(host.call(Host.SYS_RD, 0, 0xffff_ffff_ffff_ffffL))
        .isEqualTo(Status.METADATA_FIRST_FIELD_ID_IN_CONTEXT);
    assertThat(host.call(Host.SYS_RD, 0, 0xff9f_ffff_ffff_ffffL))
        .isEqualTo(Status.METADATA_FIRST_FIELD_ID_IN_CONTEXT);
  }

  @Test
  void cpuidValuesHaveTheirOwnIds() {
    long tdr = host.initializedTd(Host.TD_KEYID, 0);
    int v1 = 1 << 16 | Host.MNG_RD;
    long values = TdFields.TABLE.idOf("CPUID_VALUES");

    Host.ok(host.call(v1, tdr, values | 1 << 9 | 5 << 1 | 1));
    assertThat(host.regs.rdx).as("leaf 1 ignores its sub-leaf").isEqualTo(values | 4 << 9);
    Host.ok(host.call(v1, tdr, values | 4 << 9 | 4 << 1 | 1));
    assertThat(host.regs.rdx).as("after 4.4").isEqualTo(values | 6 << 9 | 0x1fe);
    assertThat(host.call(v1, tdr, values | 6 << 9 | 0x1fe))
        .as("leaf 6 always raises #VE")
        .isEqualTo(Status.METADATA_FIELD_NOT_READABLE);
    assertThat(host.call(v1, tdr, values | 7 << 9 | 1 << 8))
        .as("leaf 7 has sub-leaves")
        .isEqualTo(Status.METADATA_FIELD_ID_INCORRECT);
    assertThat(host.call(v1, tdr, values | 1 << 17 | 1 << 9))
        .isEqualTo(Status.METADATA_FIELD_ID_INCORRECT);
    assertThat(read(tdr, TdFields.TABLE.idOf("NUM_CPUID_VALUES"))).isEqualTo(73);
  }

  @Test
  void listsJoinWhatFollowsEachOther() {
    long versions = 0x2000_0001_0000_0001L; // MIN_EXPORT_VERSION and three more
    Host.ok(host.call(Host.SYS_RDALL, 0, Host.SOURCE, versions));
    assertThat(word(8)).as("four fields").isEqualTo(versions | 3L << 38);
    assertThat(word(48)).as("MAX_MIGS").isEqualTo(0xa000_0001_0000_0010L);

    long leaf = 0x9900_0003_0000_041eL;
    Host.ok(host.call(Host.SYS_RDALL, 0, Host.SOURCE, leaf));
    assertThat(word(8)).as("the last two leaves").isEqualTo(leaf | 1L << 38);
    assertThat(word(32)).as("the values").isEqualTo(0x9900_0003_0000_0500L | 1L << 34 | 31L << 38);

    for (long bad : new long[] {0x9900_0001_0000_041eL, 0x9900_0003_0000_0501L, 0x3f00L << 48}) {
      assertThat(host.call(Host.SYS_RDALL, 0, Host.SOURCE, bad))
          .as("wrong size, second element, no field")
          .isEqualTo(Status.METADATA_FIELD_ID_INCORRECT);
      assertThat(host.regs.r8).isEqualTo(-1);
    }
  }

  private long word(int offset) {
    return host.host().read64(new Hpa(Host.SOURCE + offset));
  }

  @Test
  void versionOneEnumeratesEveryReadableField() {
    long tdr = host.initializedTd(Host.TD_KEYID, 0);
    long v1 = 1L << 16 | Host.MNG_RD;
    Set<Long> seen = new HashSet<>();
    assertThat(host.call((int) v1, tdr, -1)).isEqualTo(Status.METADATA_FIRST_FIELD_ID_IN_CONTEXT);
    for (long id = host.regs.rdx; id != -1; id = next(tdr, id)) {
      assertThat(seen.add(id)).isTrue();
    }

    assertThat(seen).contains(ATTRIBUTES, XFAM, MRTD, MRTD + 5).doesNotContain(RTMR, MRTD + 6);
    assertThat(host.call(Host.MNG_RD, tdr, -1)).isEqualTo(Status.METADATA_FIELD_ID_INCORRECT);
  }

  @Test
  void cpuidValuesHaveStructuredCodes() {
    long tdr = host.initializedTd(Host.TD_KEYID, 0);
    long leaf0 = CPUID_VALUES | 1 << 8;
    assertThat(read(tdr, leaf0) >>> 32).as("EBX of leaf 0: Genu").isEqualTo(0x756e_6547);
    assertThat(read(tdr, leaf0 | 1))
        .as("EDX:ECX of leaf 0: ntel ineI")
        .isEqualTo(0x4965_6e69_6c65_746eL);
    assertThat(host.call(Host.MNG_RD, tdr, CPUID_VALUES | 0x7f << 9 | 1 << 8))
        .isEqualTo(Status.METADATA_FIELD_ID_INCORRECT);
  }

  @Test
  void aReadThatEnumeratesAndFailsNamesNoNextField() {
    long tdr = host.initializedTd(Host.TD_KEYID, 0);

    assertThat(host.call(1 << 16 | Host.MNG_RD, tdr, 0x3f00_0000_0000_0000L))
        .isEqualTo(Status.METADATA_FIELD_ID_INCORRECT);
    assertThat(host.regs.rdx).isEqualTo(FieldTable.NO_FIELD);
    assertThat(host.call(1 << 16 | Host.MNG_RD, tdr + 1, ATTRIBUTES)).isNegative();
    assertThat(host.regs.rdx).isEqualTo(FieldTable.NO_FIELD);
    host.call(Host.MNG_RD, tdr, 0x3f00_0000_0000_0000L);
    assertThat(host.regs.rdx).as("version 0").isEqualTo(0x3f00_0000_0000_0000L);
  }

  @Test
  void mrtdReadsZeroUntilItIsFinal() {
    long tdr = host.initializedTd(Host.TD_KEYID, 0);
    host.pretendVcpu(tdr);
    assertThat(read(tdr, MRTD)).isZero();

    Host.ok(host.call(Host.MR_FINALIZE, tdr));

    assertThat(Long.reverseBytes(read(tdr, MRTD)))
        .as("SHA-384 of nothing")
        .isEqualTo(0x38b0_60a7_51ac_9638L);
  }

  @Test
  void writesFollowTheMasks() {
    long tdr = host.initializedTd(Host.TD_KEYID, 0);

    Host.ok(host.call(Host.MNG_WR, tdr, HP_LOCK_TIMEOUT, 20_000, -1));
    assertThat(host.regs.r8).as("old value").isEqualTo(1_000_000);
    assertThat(read(tdr, HP_LOCK_TIMEOUT)).isEqualTo(20_000);
    assertThat(host.call(Host.MNG_WR, tdr, HP_LOCK_TIMEOUT, 9_999, -1))
        .isEqualTo(Status.METADATA_FIELD_VALUE_NOT_VALID);
    assertThat(host.call(Host.MNG_WR, tdr, HP_LOCK_TIMEOUT, 50_000, 0))
        .isEqualTo(Status.METADATA_FIELD_NOT_WRITABLE);
    assertThat(host.call(Host.MNG_WR, tdr, HP_LOCK_TIMEOUT, 50_000, 0xffff))
        .isEqualTo(Status.METADATA_WR_MASK_NOT_VALID);
    assertThat(host.call(Host.MNG_WR, tdr, ATTRIBUTES, 1, 1))
        .isEqualTo(Status.METADATA_FIELD_NOT_WRITABLE);
    assertThat(read(tdr, HP_LOCK_TIMEOUT)).isEqualTo(20_000);
  }

  @Test
  void aGuestChangesPendingVeOnlyWhereTheHostLetIt() throws Refusal {
    Tdcs fixed = host.td(host.initializedTd(Host.TD_KEYID, 0)).tdcs();
    host.writeTdParams(1L << 28);
    host.host().write64(new Hpa(Host.TD_PARAMS + 32), 2);
    long second = host.createTd(Host.TD_KEYID + 1);
    host.addTdcs(second);
    Host.ok(host.call(Host.MNG_INIT, second, Host.TD_PARAMS));
    Tdcs flexible = host.td(second).tdcs();

    assertThat(guestWrite(fixed, 1, 1)).isEqualTo(Status.METADATA_FIELD_VALUE_NOT_VALID);
    assertThat(guestWrite(flexible, 0, 1)).isZero();
    assertThat(flexible.pendingCausesVe()).isTrue();
    assertThat(guestWrite(flexible, 8, 8)).isEqualTo(Status.METADATA_FIELD_NOT_WRITABLE);
    assertThat(guestWrite(flexible, 10, 10)).isEqualTo(Status.METADATA_FIELD_VALUE_NOT_VALID);
    assertThat(guestWrite(flexible, 2, 10)).isZero();
    assertThat(TdFields.TABLE.read(flexible, TD_CTLS, AccessMode.GUEST)).isEqualTo(2);
  }

  private static long guestWrite(Tdcs tdcs, long value, long mask) {
    try {
      TdFields.TABLE.write(tdcs, TD_CTLS, value, mask, AccessMode.GUEST);
      return Status.SUCCESS;
    } catch (Refusal refusal) {
      return refusal.status();
    }
  }

  @Test
  void topologyEnumerationNeedsX2apicIds() {
    Tdcs tdcs = host.td(host.initializedTd(Host.TD_KEYID, 0)).tdcs();
    tdcs.topologyEnumConfigured = false;

    assertThat(guestWrite(tdcs, 2, 2)).isEqualTo(Status.METADATA_FIELD_VALUE_NOT_VALID);
  }

  @Test
  void everyTableIsWellFormed() {
    FieldTable<Object> vcpu = new FieldTable<>("vcpu-fields.txt", 2);
    vcpu.bind("SHARED_EPTP", (_, _) -> 0x1234_5678_9abc_dfffL);

    assertThat(vcpu.firstReadable(AccessMode.HOST)).isEqualTo(0x0024_0003_0000_203cL);
    assertThat(vcpu.firstReadable(AccessMode.GUEST)).isEqualTo(FieldTable.NO_FIELD);
    assertThat(vcpuRead(vcpu)).as("masked").isEqualTo(0x0004_5678_9abc_d000L);
  }

  private static long vcpuRead(FieldTable<Object> table) {
    try {
      return table.read(new Object(), 0x203cL, AccessMode.HOST);
    } catch (Refusal refusal) {
      throw new AssertionError(refusal);
    }
  }

  private long read(long tdr, long field) {
    Host.ok(host.call(Host.MNG_RD, tdr, field));
    return host.regs.r8;
  }
}
