package org.swtdx.fuzz.kvm;

import static org.swtdx.fuzz.kvm.Kind.*;

import java.util.List;
import java.util.Map;
import org.swtdx.kvm.uapi.KvmIoctl;

/** The structures of ioctls, field by field; what is not named stays zero. */
final class Shapes {
  /**
   * A structure, and the entries of a list behind it if there is one.
   *
   * @param list offset of the first entry, and of the 32-bit number of entries at the start
   * @param stride bytes of an entry; 0 when there is no list
   */
  record Shape(List<Kind.Field> fields, int list, int stride, List<Kind.Field> entry) {
    static Shape of(Kind.Field... fields) {
      return new Shape(List.of(fields), 0, 0, List.of());
    }

    Shape withList(int at, int bytes, Kind.Field... ofEntry) {
      return new Shape(fields, at, bytes, List.of(ofEntry));
    }
  }

  private Shapes() {}

  /** Structures by ioctl. */
  static final Map<Integer, Shape> OF_IOCTLS =
      Map.ofEntries(
          Map.entry(KvmIoctl.ENABLE_CAP, Shape.of(CAPABILITY.at(0, 4), SMALL.at(8, 8))),
          Map.entry(
              KvmIoctl.SET_USER_MEMORY_REGION,
              Shape.of(
                  SMALL.at(0, 4), SMALL.at(4, 4), GPA.at(8, 8), SIZE.at(16, 8), RAM.at(24, 8))),
          Map.entry(
              KvmIoctl.SET_USER_MEMORY_REGION2,
              Shape.of(
                  SMALL.at(0, 4),
                  SMALL.at(4, 4),
                  GPA.at(8, 8),
                  SIZE.at(16, 8),
                  RAM.at(24, 8),
                  SIZE.at(32, 8),
                  PRIVATE_FILE.at(40, 4))),
          Map.entry(KvmIoctl.GET_DIRTY_LOG, Shape.of(SMALL.at(0, 4), POINTER.at(8, 8))),
          Map.entry(
              KvmIoctl.CLEAR_DIRTY_LOG,
              Shape.of(SMALL.at(0, 4), NUMBER.at(4, 4), SMALL.at(8, 8), POINTER.at(16, 8))),
          Map.entry(
              KvmIoctl.REGISTER_COALESCED_MMIO,
              Shape.of(GPA.at(0, 8), NUMBER.at(8, 4), SMALL.at(12, 4))),
          Map.entry(
              KvmIoctl.UNREGISTER_COALESCED_MMIO,
              Shape.of(GPA.at(0, 8), NUMBER.at(8, 4), SMALL.at(12, 4))),
          Map.entry(
              KvmIoctl.IRQFD,
              Shape.of(EVENT.at(0, 4), SMALL.at(4, 4), SMALL.at(8, 4), EVENT.at(12, 4))),
          Map.entry(
              KvmIoctl.IOEVENTFD,
              Shape.of(
                  SMALL.at(0, 8),
                  NUMBER.at(8, 8),
                  SMALL.at(16, 4),
                  EVENT.at(20, 4),
                  SMALL.at(24, 4))),
          Map.entry(
              KvmIoctl.SIGNAL_MSI, Shape.of(MESSAGE.at(0, 4), ZERO.at(4, 4), NUMBER.at(8, 4))),
          Map.entry(KvmIoctl.IRQ_LINE, Shape.of(SMALL.at(0, 4), SMALL.at(4, 4))),
          Map.entry(KvmIoctl.IRQ_LINE_STATUS, Shape.of(SMALL.at(0, 4), SMALL.at(4, 4))),
          Map.entry(
              KvmIoctl.SET_GSI_ROUTING,
              Shape.of(ZERO.at(4, 4))
                  .withList(
                      8,
                      48,
                      SMALL.at(0, 4),
                      SMALL.at(4, 4),
                      ZERO.at(8, 4),
                      MESSAGE.at(16, 4),
                      SMALL.at(20, 4),
                      NUMBER.at(24, 4))),
          Map.entry(
              KvmIoctl.SET_MEMORY_ATTRIBUTES,
              Shape.of(GPA.at(0, 8), SIZE.at(8, 8), ATTRIBUTES.at(16, 8), ZERO.at(24, 8))),
          Map.entry(KvmIoctl.CREATE_DEVICE, Shape.of(SMALL.at(0, 4), FLAGS.at(8, 4))),
          Map.entry(KvmIoctl.CREATE_GUEST_MEMFD, Shape.of(SIZE.at(0, 8), ZERO.at(8, 8))),
          Map.entry(KvmIoctl.SET_IDENTITY_MAP_ADDR, Shape.of(GPA.at(0, 8))),
          Map.entry(KvmIoctl.CREATE_PIT2, Shape.of(SMALL.at(0, 4))),
          Map.entry(KvmIoctl.SET_CLOCK, Shape.of(WORD.at(0, 8), FLAGS.at(8, 4), WORD.at(16, 8))),
          Map.entry(
              KvmIoctl.X86_SET_MSR_FILTER,
              Shape.of(
                  SMALL.at(0, 4),
                  SMALL.at(8, 4),
                  NUMBER.at(12, 4),
                  MSR.at(16, 4),
                  POINTER.at(24, 8),
                  SMALL.at(32, 4),
                  SMALL.at(36, 4),
                  MSR.at(40, 4),
                  POINTER.at(48, 8))),
          Map.entry(KvmIoctl.GET_MSRS, Shape.of().withList(8, 16, MSR.at(0, 4), WORD.at(8, 8))),
          Map.entry(KvmIoctl.SET_MSRS, Shape.of().withList(8, 16, MSR.at(0, 4), WORD.at(8, 8))),
          Map.entry(
              KvmIoctl.SET_CPUID2,
              Shape.of()
                  .withList(
                      8,
                      40,
                      LEAF.at(0, 4),
                      SMALL.at(4, 4),
                      SMALL.at(8, 4),
                      WORD.at(12, 4),
                      WORD.at(16, 4),
                      WORD.at(20, 4),
                      WORD.at(24, 4))),
          Map.entry(
              KvmIoctl.SET_CPUID,
              Shape.of().withList(8, 24, LEAF.at(0, 4), WORD.at(4, 8), WORD.at(12, 8))),
          Map.entry(KvmIoctl.INTERRUPT, Shape.of(NUMBER.at(0, 4))),
          Map.entry(KvmIoctl.SET_MP_STATE, Shape.of(SMALL.at(0, 4))),
          Map.entry(
              KvmIoctl.SET_GUEST_DEBUG,
              Shape.of(
                  FLAGS.at(0, 2), SMALL.at(2, 2), GPA.at(8, 8), GPA.at(16, 8), FLAGS.at(64, 8))),
          Map.entry(
              KvmIoctl.PRE_FAULT_MEMORY, Shape.of(GPA.at(0, 8), SIZE.at(8, 8), ZERO.at(16, 8))),
          Map.entry(KvmIoctl.SET_SIGNAL_MASK, Shape.of(NUMBER.at(0, 4), WORD.at(4, 8))),
          Map.entry(KvmIoctl.TRANSLATE, Shape.of(GPA.at(0, 8))),
          Map.entry(KvmIoctl.X86_SETUP_MCE, Shape.of(FLAGS.at(0, 8))),
          Map.entry(
              KvmIoctl.X86_SET_MCE,
              Shape.of(WORD.at(0, 8), WORD.at(8, 8), FLAGS.at(24, 8), SMALL.at(32, 1))),
          Map.entry(KvmIoctl.GET_ONE_REG, Shape.of(WORD.at(0, 8), POINTER.at(8, 8))),
          Map.entry(KvmIoctl.SET_ONE_REG, Shape.of(WORD.at(0, 8), POINTER.at(8, 8))),
          Map.entry(
              KvmIoctl.GET_DEVICE_ATTR,
              Shape.of(ZERO.at(0, 4), SMALL.at(4, 4), SMALL.at(8, 8), POINTER.at(16, 8))),
          Map.entry(
              KvmIoctl.SET_DEVICE_ATTR,
              Shape.of(ZERO.at(0, 4), SMALL.at(4, 4), SMALL.at(8, 8), POINTER.at(16, 8))),
          Map.entry(
              KvmIoctl.HAS_DEVICE_ATTR,
              Shape.of(ZERO.at(0, 4), SMALL.at(4, 4), SMALL.at(8, 8), POINTER.at(16, 8))),
          Map.entry(
              KvmIoctl.MEMORY_ENCRYPT_OP,
              Shape.of(SMALL.at(0, 4), SMALL.at(4, 4), POINTER.at(8, 8), ZERO.at(16, 8))),
          Map.entry(KvmIoctl.MEMORY_ENCRYPT_REG_REGION, Shape.of(RAM.at(0, 8), SIZE.at(8, 8))));

  /** Ioctls that change most. */
  static final int[] FAVOURITES = {
    KvmIoctl.CREATE_VM,
    KvmIoctl.CREATE_VCPU,
    KvmIoctl.ENABLE_CAP,
    KvmIoctl.CREATE_GUEST_MEMFD,
    KvmIoctl.SET_USER_MEMORY_REGION,
    KvmIoctl.SET_USER_MEMORY_REGION2,
    KvmIoctl.SET_MEMORY_ATTRIBUTES,
    KvmIoctl.MEMORY_ENCRYPT_OP,
    KvmIoctl.PRE_FAULT_MEMORY,
    KvmIoctl.SET_GSI_ROUTING,
    KvmIoctl.IRQFD,
    KvmIoctl.IOEVENTFD,
    KvmIoctl.X86_SET_MSR_FILTER,
    KvmIoctl.SET_MSRS,
    KvmIoctl.GET_DIRTY_LOG,
    KvmIoctl.CLEAR_DIRTY_LOG,
    KvmIoctl.RESET_DIRTY_RINGS
  };

  /** What {@code data} of KVM_MEMORY_ENCRYPT_OP points to, by the command's number. */
  static final List<Shape> OF_TDX_COMMANDS =
      List.of(
          Shape.of(NUMBER.at(2048, 4)),
          Shape.of(
              FLAGS.at(0, 8),
              FLAGS.at(8, 8),
              WORD.at(16, 8),
              SMALL.at(256, 4),
              ZERO.at(260, 4),
              LEAF.at(264, 4),
              SMALL.at(268, 4),
              WORD.at(276, 4)),
          Shape.of(),
          Shape.of(RAM.at(0, 8), GPA.at(8, 8), SMALL.at(16, 8)),
          Shape.of(),
          Shape.of(NUMBER.at(0, 4)));

  /** Ioctls that tell state, and those that take it back. */
  static final int[][] SAVE_AND_RESTORE = {
    {KvmIoctl.GET_REGS, KvmIoctl.SET_REGS},
    {KvmIoctl.GET_SREGS, KvmIoctl.SET_SREGS},
    {KvmIoctl.GET_SREGS2, KvmIoctl.SET_SREGS2},
    {KvmIoctl.GET_FPU, KvmIoctl.SET_FPU},
    {KvmIoctl.GET_XSAVE, KvmIoctl.SET_XSAVE},
    {KvmIoctl.GET_XCRS, KvmIoctl.SET_XCRS},
    {KvmIoctl.GET_DEBUGREGS, KvmIoctl.SET_DEBUGREGS},
    {KvmIoctl.GET_LAPIC, KvmIoctl.SET_LAPIC},
    {KvmIoctl.GET_MP_STATE, KvmIoctl.SET_MP_STATE},
    {KvmIoctl.GET_VCPU_EVENTS, KvmIoctl.SET_VCPU_EVENTS},
    {KvmIoctl.GET_CLOCK, KvmIoctl.SET_CLOCK},
    {KvmIoctl.GET_IRQCHIP, KvmIoctl.SET_IRQCHIP},
    {KvmIoctl.GET_PIT, KvmIoctl.SET_PIT},
    {KvmIoctl.GET_PIT2, KvmIoctl.SET_PIT2},
    {KvmIoctl.GET_SUPPORTED_CPUID, KvmIoctl.SET_CPUID2}
  };
}
