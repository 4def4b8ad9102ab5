package org.swtdx.kvm;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.swtdx.kvm.uapi.KvmCap;

/** Which capabilities KVM_CHECK_EXTENSION names: what works, and nothing else. */
class CapabilitiesTest {
  /** What Linux 7.3 has on a TDX host; without what {@link #ABSENT} names. */
  private static final String PRESENT =
      """
      ADJUST_CLOCK BINARY_STATS_FD CHECK_EXTENSION_VM CLOCKSOURCE COALESCED_MMIO COALESCED_PIO
      DEBUGREGS DESTROY_MEMORY_REGION_WORKS DEVICE_CTRL DIRTY_LOG_RING DIRTY_LOG_RING_ACQ_REL
      DISABLE_QUIRKS DISABLE_QUIRKS2 ENABLE_CAP ENABLE_CAP_VM ENFORCE_PV_FEATURE_CPUID
      EXCEPTION_PAYLOAD EXIT_HYPERCALL EXT_CPUID EXT_EMUL_CPUID GET_MSR_FEATURES GET_TSC_KHZ
      GUEST_MEMFD HALT_POLL HLT IMMEDIATE_EXIT INTERNAL_ERROR_DATA IOAPIC_POLARITY_IGNORED
      IOEVENTFD IOEVENTFD_ANY_LENGTH IOEVENTFD_NO_LENGTH IRQCHIP IRQFD IRQFD_RESAMPLE
      IRQ_INJECT_STATUS IRQ_ROUTING JOIN_MEMORY_REGIONS_WORKS KVMCLOCK_CTRL LAST_CPU
      MANUAL_DIRTY_LOG_PROTECT2 MAX_VCPUS MAX_VCPU_ID MCE MEMORY_ATTRIBUTES MEMORY_FAULT_INFO
      MMU_SHADOW_CACHE_CONTROL MP_STATE MSR_PLATFORM_INFO MULTI_ADDRESS_SPACE NOP_IO_DELAY
      NR_MEMSLOTS NR_VCPUS ONE_REG PCI_SEGMENT PIT PIT2 PIT_STATE2 PRE_FAULT_MEMORY READONLY_MEM
      REINJECT_CONTROL SET_BOOT_CPU_ID SET_GUEST_DEBUG SET_GUEST_DEBUG2 SET_IDENTITY_MAP_ADDR
      SET_TSS_ADDR SIGNAL_MSI SPLIT_IRQCHIP SREGS2 SYNC_MMU SYNC_REGS SYSTEM_EVENT_DATA
      SYS_ATTRIBUTES TSC_CONTROL TSC_DEADLINE_TIMER USER_MEMORY USER_MEMORY2 USER_NMI
      VCPU_ATTRIBUTES VCPU_EVENTS VM_TSC_CONTROL VM_TYPES X2APIC_API X86_APIC_BUS_CYCLES_NS
      X86_GUEST_MODE X86_MSR_FILTER X86_ROBUST_SINGLESTEP X86_TRIPLE_FAULT_EVENT
      X86_USER_SPACE_MSR XCRS XSAVE XSAVE2
      """;

  /** What has a name here and is not there. */
  private static final String ABSENT =
      "EXIT_ON_EMULATION_FAILURE GUEST_MEMFD_FLAGS PMU_CAPABILITY VAPIC VM_ATTRIBUTES X86_SMM";

  @AutoClose private final TestHost machine = new TestHost();

  private static Set<String> names(String list) {
    return new TreeSet<>(Set.of(list.strip().split("\\s+")));
  }

  @Test
  void exactlyWhatWorksIsAdvertised() throws ReflectiveOperationException {
    Set<Integer> named = new TreeSet<>();
    Set<String> present = new TreeSet<>();
    Set<String> absent = new TreeSet<>();
    for (Field field : KvmCap.class.getFields()) {
      if (Modifier.isStatic(field.getModifiers()) && field.getType() == int.class) {
        int number = field.getInt(null);
        named.add(number);
        boolean there = Capabilities.check(machine.host, null, number) != 0;
        (there ? present : absent).add(field.getName());
      }
    }

    assertThat(present).isEqualTo(names(PRESENT));
    assertThat(absent).isEqualTo(names(ABSENT));
    for (int number = 0; number < 1000; number++) {
      if (!named.contains(number)) {
        assertThat(Capabilities.check(machine.host, null, number)).as("%d", number).isZero();
      }
    }
  }
}
