package org.swtdx.tdxmodule;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.swtdx.tdxmodule.metadata.FieldTable;
import org.swtdx.tdxmodule.metadata.PlatformFields;
import org.swtdx.tdxmodule.metadata.TdFields;
import org.swtdx.tdxmodule.metadata.VcpuFields;
import org.swtdx.tdxmodule.status.Status;
import org.swtdx.tdxmodule.virt.TdAttributes;

/** Which fields of the tables have values, and that reading and writing all of them is safe. */
@Timeout(60)
class FieldCoverageTest {
  private static final int MNG_RD_V1 = 1 << 16 | Host.MNG_RD;
  private static final int VP_RD_V1 = 1 << 16 | 26;
  private static final int VP_WR = 43;
  private static final int TDCALL = 77;

  @Test
  void everyFieldHasAValue() {
    assertThat(PlatformFields.TABLE.withoutValue()).isEmpty();
    assertThat(TdFields.TABLE.withoutValue()).isEmpty();
    assertThat(VcpuFields.TABLE.withoutValue()).isEmpty();
  }

  @Test
  void everyFieldOfADebugTdReadsAndTakesItsOwnValueBack() {
    try (GuestTd td = new GuestTd(TdAttributes.DEBUG, 0, twoReports())) {
      td.enter();
      Set<Long> tdFields = enumerate(td.host, MNG_RD_V1, td.tdr);
      Set<Long> vcpuFields = enumerate(td.host, VP_RD_V1, td.tdvpr);

      assertThat(tdFields).contains(cpuid(0, -1), cpuid(7, 1) | 1, cpuid(0x80000008, -1));
      assertThat(vcpuFields).hasSizeGreaterThan(1900);
      for (long id : vcpuFields) {
        Host.ok(td.readVcpu(id));
        long value = td.host.regs.r8;
        long status = td.host.call(VP_WR, td.tdvpr, id, value, -1);
        assertThat(
                status == 0
                    || status == Status.METADATA_FIELD_NOT_WRITABLE
                    || status == Status.METADATA_FIELD_VALUE_NOT_VALID
                    || Status.is(status, Status.TD_VMCS_FIELD_NOT_INITIALIZED))
            .as("field %x: %x", id, status)
            .isTrue();
      }
      assertThat(td.enter()).as("every value was its own").isEqualTo(TDCALL);
    }
  }

  private static GuestCode twoReports() {
    return new GuestCode().report().report();
  }

  private static Set<Long> enumerate(Host host, int leaf, long handle) {
    Set<Long> seen = new LinkedHashSet<>();
    assertThat(host.call(leaf, handle, FieldTable.NO_FIELD))
        .isEqualTo(Status.METADATA_FIRST_FIELD_ID_IN_CONTEXT);
    long following;
    for (long id = host.regs.rdx; id != FieldTable.NO_FIELD; id = following) {
      assertThat(seen.add(id)).as("field %x comes twice", id).isTrue();
      long status = host.call(leaf, handle, id);
      following = host.regs.rdx;
      if (status == Status.METADATA_FIELD_NOT_READABLE) { // a CPUID leaf without values
        following = Host.fieldAfter(id);
      } else {
        assertThat(status).as("field %x", id).isZero();
      }
    }
    return seen;
  }

  private static long cpuid(int leaf, int subleaf) {
    long first = TdFields.TABLE.idOf("CPUID_VALUES") & ~0xff_ffffL;
    return first
        | (leaf & 0x7f) << 9
        | (leaf < 0 ? 1 << 16 : 0)
        | (subleaf < 0 ? 0x1fe : subleaf << 1);
  }

  @Test
  void guestStateOfADebugTdCanBeChanged() {
    try (GuestTd td = new GuestTd(TdAttributes.DEBUG, 0, new GuestCode().report().spin())) {
      td.enter();
      for (String name :
          new String[] {"GUEST_FS_BASE", "GUEST_RIP", "RBX", "DR1", "IA32_SYSENTER_EIP", "CR2"}) {
        long id = VcpuFields.TABLE.idOf(name);
        Host.ok(td.writeVcpu(id, 0x1234_5000, -1));
        Host.ok(td.readVcpu(id));
        assertThat(td.host.regs.r8).as(name).isEqualTo(0x1234_5000);
      }
      assertThat(td.vcpu().state().segment(4).base()).isEqualTo(0x1234_5000);
      long controls = VcpuFields.TABLE.idOf("PRIMARY_PROCESSOR_BASED_VM_EXECTION_CONTROLS");
      Host.ok(td.writeVcpu(controls, 1 << 12, 1 << 12));
      assertThat(td.vcpu().processor().controls().rdtscExiting).isTrue();
      assertThat(td.writeVcpu(controls, 1 << 27, 1 << 27))
          .as("there is no monitor trap flag")
          .isEqualTo(Status.METADATA_FIELD_VALUE_NOT_VALID);
    }
  }

  @Test
  void vmcsFieldsBeginAsTheModuleSetsThem() {
    try (GuestTd td = new GuestTd(TdAttributes.DEBUG, 0, new GuestCode().report())) {
      long zeroPage = td.host.td(td.tdr).keyed(td.host.td(td.tdr).tdcxPages().get(4));
      Map<String, Long> wanted =
          Map.ofEntries(
              Map.entry("PDPTEN", -1L),
              Map.entry("PML_ADDRESS", -1L),
              Map.entry("APIC_ACCESS_ADDRESS", -1L),
              Map.entry("EPTP_LIST_ADDRESS", -1L),
              Map.entry("POSTED_INTERRUPT_DESCRIPTOR_ADDRESS", -1L),
              Map.entry("POSTED_INTERRUPT_NOTIFICATION_VECTOR", 0xffffL),
              Map.entry("SHARED_EPTP", zeroPage),
              Map.entry("LOW_PASID_DIRECTORY_ADDRESS", zeroPage),
              Map.entry("VPID", 4L * Host.TD_KEYID),
              Map.entry("VM_EXIT_CONTROLS", 0x5f3c_9204L),
              Map.entry("VM_ENTRY_CONTROLS", 0x007e_e004L),
              Map.entry("TERTIARY_PROCESSOR_BASED_VM_EXECTION_CONTROLS", 0L),
              Map.entry("CR0_GUEST_HOST_MASK", 0xffff_ffff_7ffa_ffe1L),
              Map.entry("EXCEPTION_BITMAP", 1L << 18));
      wanted.forEach(
          (name, value) -> {
            Host.ok(td.readVcpu(VcpuFields.TABLE.idOf(name)));
            assertThat(td.host.regs.r8).as(name).isEqualTo(value);
          });
      Host.ok(td.readVcpu(VcpuFields.TABLE.idOf("CR4_GUEST_HOST_MASK")));
      long owned = 0xffff_fffe_e640_e040L; // without what depends on the processor
      assertThat(td.host.regs.r8 & (owned | 0x7bf)).isEqualTo(owned);
      Host.ok(td.readVcpu(VcpuFields.TABLE.idOf("LAST_EXIT_TSC")));
      assertThat(td.host.regs.r8).as("when the vCPU was initialized").isNotZero();
      Host.ok(td.writeVcpu(0x2016, 0x12_0040, -1));
      assertThat(td.host.regs.r8).as("the old address").isEqualTo(-1);
      Host.ok(td.readVcpu(0x2016));
      assertThat(td.host.regs.r8).isEqualTo(0x12_0040);
      assertThat(td.writeVcpu(0x2034, 1, 1))
          .as("LOADIWKEY, which this processor lacks")
          .isEqualTo(Status.METADATA_FIELD_VALUE_NOT_VALID);
      assertThat(td.writeVcpu(0x401e, 1 << 17, 1 << 17))
          .as("page-modification logging")
          .isEqualTo(Status.METADATA_FIELD_VALUE_NOT_VALID);
    }
  }

  @Test
  void controlRegistersAreWrittenAsTheGuestWritesThem() {
    try (GuestTd td = new GuestTd(TdAttributes.DEBUG, 0, new GuestCode().report())) {
      long cr0 = 0x6800;
      long cr4 = 0x6804;
      Host.ok(td.readVcpu(cr4));
      assertThat(td.host.regs.r8 & 1 << 13).as("VMXE is set and the guest sees 0").isNotZero();
      assertThat(td.writeVcpu(cr4, 1 << 13 | 1 << 6, -1))
          .isEqualTo(Status.METADATA_FIELD_VALUE_NOT_VALID);
      Host.ok(td.writeVcpu(cr4, 1 << 6 | 1 << 5, -1));
      assertThat(td.vcpu().state().cr(4)).isEqualTo(1 << 13 | 1 << 6 | 1 << 5);
      assertThat(td.writeVcpu(cr0, 1, -1))
          .as("without NE")
          .isEqualTo(Status.METADATA_FIELD_VALUE_NOT_VALID);
      Host.ok(td.writeVcpu(cr0, 1L << 16 | 0x21, -1));
      assertThat(td.writeVcpu(0x6802, GuestTd.SHARED_BIT, -1))
          .as("CR3 in shared memory")
          .isEqualTo(Status.METADATA_FIELD_VALUE_NOT_VALID);
      long header = VcpuFields.TABLE.idOf("XBUFF") + 64;
      assertThat(td.writeVcpu(header, 3, -1)).isEqualTo(Status.METADATA_FIELD_NOT_WRITABLE);
    }
  }

  @Test
  void idsWithReservedBitsOrCountsNameNoElement() {
    try (Host host = Host.ready()) {
      long id = PlatformFields.TABLE.idOf("MAX_TDMRS");
      Host.ok(host.call(Host.SYS_RD, 0, id ^ 1L << 63)); // nor do size and context matter
      Host.ok(host.call(Host.SYS_RD, 0, id ^ 3L << 32 ^ 7L << 52));
      for (int bit : new int[] {24, 31, 34, 37, 38, 46, 47, 49, 55, 62}) {
        assertThat(host.call(Host.SYS_RD, 0, id | 1L << bit))
            .as("bit %d", bit)
            .isEqualTo(Status.METADATA_FIELD_ID_INCORRECT);
      }
    }
  }

  @Test
  void fieldsOfNestedVmsAreUnknown() {
    try (GuestTd td = new GuestTd(TdAttributes.DEBUG, 0, new GuestCode().report())) {
      for (String name : new String[] {"L2_VMCS_1", "L2_MSR_BITMAPS_2"}) {
        assertThat(td.readVcpu(VcpuFields.TABLE.idOf(name)))
            .isEqualTo(Status.METADATA_FIELD_ID_INCORRECT);
      }
    }
  }

  @Test
  void anNmiRequestKeepsItsByte() {
    try (GuestTd td = new GuestTd(new GuestCode().report())) {
      long id = VcpuFields.TABLE.idOf("PEND_NMI");
      Host.ok(td.writeVcpu(id, 0xf4, 0xf4));
      Host.ok(td.readVcpu(id));
      assertThat(td.host.regs.r8).isEqualTo(0xf4);
    }
  }
}
