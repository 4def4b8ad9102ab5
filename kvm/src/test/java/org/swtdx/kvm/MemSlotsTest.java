package org.swtdx.kvm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.swtdx.kvm.uapi.Errno;
import org.swtdx.kvm.uapi.KvmPreFaultMemory;
import org.swtdx.kvm.uapi.KvmUserspaceMemoryRegion;

/** The set of memory slots against a plain map, and at the size that KVM allows. */
class MemSlotsTest {
  private static final int PAGES = 4;

  private static MemSlot slot(int id, long gfn, long pages) {
    return new MemSlot(id, 0, gfn, pages, 0x1000, null, 0, null);
  }

  @Test
  void randomChangesLeaveWhatAMapHas() {
    SplittableRandom random = new SplittableRandom(3);
    TreeMap<Integer, MemSlot> expected = new TreeMap<>();
    MemSlots slots = MemSlots.EMPTY;
    for (int i = 0; i < 20_000; i++) {
      int id = random.nextInt(200);
      long gfn = random.nextInt(2000);
      long pages = random.nextInt(1, 12);
      boolean free =
          expected.values().stream()
              .noneMatch(s -> s.id() != id && s.baseGfn() < gfn + pages && s.endGfn() > gfn);
      assertThat(slots.overlaps(gfn, gfn + pages, id)).isEqualTo(!free);
      if (random.nextInt(3) == 0) {
        expected.remove(id);
        slots = slots.replace(id, null);
      } else if (free) {
        expected.put(id, slot(id, gfn, pages));
        slots = slots.replace(id, expected.get(id));
      }
      assertThat(slots.byId(id)).isSameAs(expected.get(id));
      MemSlot there =
          expected.values().stream().filter(s -> s.contains(gfn)).findAny().orElse(null);
      assertThat(slots.find(gfn)).isSameAs(there);
      assertThat(slots.find(gfn)).as("asked again").isSameAs(there);
    }
    assertThat(slots.all())
        .containsExactlyInAnyOrderElementsOf(expected.values())
        .isSortedAccordingTo((a, b) -> Long.compare(a.baseGfn(), b.baseGfn()));
  }

  @Test
  void aSetIsNotChangedByWhatIsMadeOfIt() {
    MemSlots one = MemSlots.EMPTY.replace(7, slot(7, 10, 5));
    MemSlots moved = one.replace(7, slot(7, 20, 5));

    assertThat(one.find(12)).isNotNull();
    assertThat(one.find(22)).isNull();
    assertThat(moved.find(12)).isNull();
    assertThat(moved.find(22)).isNotNull();
    assertThat(moved.replace(7, null).all()).isEmpty();
    assertThat(MemSlots.EMPTY.all()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"ascending", "descending", "shuffled"})
  void theTreeStaysFlatInEveryOrder(String order) {
    List<Integer> ids = new ArrayList<>(IntStream.range(0, Vm.USER_SLOTS).boxed().toList());
    switch (order) {
      case "descending" -> Collections.reverse(ids);
      case "shuffled" -> Collections.shuffle(ids, new Random(5));
      default -> assertThat(order).isEqualTo("ascending");
    }
    SlotTree tree = SlotTree.empty(MemSlot::baseGfn);
    for (int id : ids) {
      tree = tree.with(slot(id, (long) PAGES * id, PAGES));
    }
    int bound = 22; // 1.44 times the logarithm of 32764
    assertThat(tree.height()).isLessThan(bound);
    for (int id : ids.subList(0, Vm.USER_SLOTS - 3)) {
      MemSlot removed = tree.get((long) PAGES * id);
      assertThat(removed).isNotNull();
      tree = tree.without(removed);
    }
    assertThat(tree.height()).isEqualTo(2);
  }

  @Test
  void aVmTakesAsManySlotsAsItPromises() {
    try (OrdinaryVm guest = OrdinaryVm.withoutRam()) {
      long uaddr = guest.memory.mmap(4096);
      for (int id = 0; id < Vm.USER_SLOTS; id++) {
        guest.slot(id, 0x1000L * id, 4096, uaddr, 0);
      }
      KvmUserspaceMemoryRegion beyond =
          new KvmUserspaceMemoryRegion()
              .slot(Vm.USER_SLOTS)
              .guestPhysAddr(0x1000L * Vm.USER_SLOTS)
              .memorySize(4096)
              .userspaceAddr(uaddr);

      assertThat(guest.vm.setUserMemoryRegion(beyond)).isEqualTo(-Errno.EINVAL);
    }
  }

  @Test
  void slotsReachUpToTheLastAddressThatCpuidTellsOf() {
    try (OrdinaryVm guest = OrdinaryVm.withoutRam()) {
      KvmVcpu vcpu = guest.vcpu(0);
      KvmUserspaceMemoryRegion top =
          new KvmUserspaceMemoryRegion()
              .guestPhysAddr((1L << 52) - 0x2000)
              .memorySize(0x2000)
              .userspaceAddr(guest.memory.mmap(0x3000));

      assertThat(guest.vm.setUserMemoryRegion(top)).isZero();
      KvmPreFaultMemory all = new KvmPreFaultMemory().gpa(top.guestPhysAddr()).size(0x2000);
      assertThat(vcpu.preFaultMemory(all)).isZero();
      assertThat(all.size()).as("left").isZero();
      top.slot(1).guestPhysAddr(1L << 52);
      assertThat(guest.vm.setUserMemoryRegion(top)).isEqualTo(-Errno.EINVAL);
    }
  }
}
