package org.swtdx.kvm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.swtdx.memory.Cmr;
import org.swtdx.memory.Hpa;
import org.swtdx.memory.PhysicalAddressLayout;
import org.swtdx.memory.PhysicalMemory;
import org.swtdx.seamcall.SeptLevel;
import org.swtdx.seamcall.SeptPage;

/** KVM's own tables against simple models. */
class TablesTest {
  private static final int FRAMES = 2048;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void attributesAgreeWithABitPerFrame(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    AttributeMap map = new AttributeMap();
    BitSet model = new BitSet();
    for (int i = 0; i < 300; i++) {
      int from = random.nextInt(FRAMES);
      int to = random.nextInt(from + 1, FRAMES + 1);
      boolean priv = random.nextBoolean();
      boolean uniform =
          priv
              ? model.nextClearBit(from) >= to
              : model.nextSetBit(from) == -1 || model.nextSetBit(from) >= to;
      assertThat(map.all(from, to, priv)).isEqualTo(uniform);
      map.set(from, to, priv);
      model.set(from, to, priv);
      for (int gfn = 0; gfn < FRAMES; gfn++) {
        assertThat(map.isPrivate(gfn)).as("frame %d", gfn).isEqualTo(model.get(gfn));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {4, 5})
  void theMirrorAgreesWithASortedMap(int levels) {
    SplittableRandom random = new SplittableRandom(levels);
    MirrorTable mirror = new MirrorTable(levels);
    TreeMap<Long, Long> model = new TreeMap<>();
    long tables = 0;
    for (int i = 0; i < 3000; i++) {
      long gfn = random.nextLong(1L << random.nextInt(8, 9 * levels));
      if (model.containsKey(gfn)) {
        mirror.unmap(gfn, SeptLevel.SIZE_4K);
        model.remove(gfn);
        continue;
      }
      for (int level = mirror.missingLevel(gfn); level > 0; level = mirror.missingLevel(gfn)) {
        mirror.addTable(gfn, level, new SeptPage(new Hpa(++tables << 12)));
      }
      long hpa = (i + 1L) << 12;
      mirror.map(gfn, hpa);
      model.put(gfn, hpa);
    }

    model.forEach((gfn, hpa) -> assertThat(mirror.lookup(gfn)).isEqualTo(hpa));
    long from = 1L << 20;
    long to = 1L << 34;
    List<Long> visited = new ArrayList<>();
    mirror.forEachLeaf(from, to, (gfn, _, _) -> visited.add(gfn));
    assertThat(visited).containsExactlyElementsOf(model.subMap(from, to).keySet());
    assertThat(mirror.leaves()).isEqualTo(model.size());
    assertThat(mirror.tables()).isEqualTo(tables);
    BitSet seen = new BitSet();
    mirror.forEachTable(hpa -> seen.set((int) (hpa >>> 12)));
    assertThat(seen.cardinality()).isEqualTo((int) tables);
  }

  private static PhysicalMemory memory() {
    return PhysicalMemory.create(
        PhysicalAddressLayout.DEFAULT, List.of(new Cmr(new Hpa(0), 64 << 20)));
  }

  @Test
  void eptEntriesAreWhatTheProcessorExpectsAndTablesAreFreed() {
    try (PhysicalMemory memory = memory()) {
      EptTables ept = EptTables.create(memory, memory.frames(), 4).orElseThrow();
      long gpa = 1L << 47 | 0x1234_5000;

      assertThat(ept.leaf(gpa)).as("suppress #VE").isEqualTo(1L << 63);
      assertThat(ept.map(gpa, 0x7000, true)).isTrue();
      assertThat(ept.leaf(gpa)).isEqualTo(1L << 63 | 0x7000 | 7 | 6 << 3 | 1 << 6);
      assertThat(ept.mapMmio(gpa + 0x1000)).isTrue();
      assertThat(ept.leaf(gpa + 0x1000)).as("#VE").isZero();
      assertThat(ept.zap(1L << 47, 1L << 48)).isTrue();
      assertThat(ept.leaf(gpa)).isEqualTo(1L << 63);
      assertThat(ept.leaf(gpa + 0x1000)).isEqualTo(1L << 63);
      assertThat(ept.zap(1L << 47, 1L << 48)).as("nothing left").isFalse();
      assertThat(memory.frames().allocatedFrames()).isEqualTo(4);
      ept.free();
      assertThat(memory.frames().allocatedFrames()).isZero();
    }
  }

  @Test
  void userMemoryIsBackedOnFirstUseAndReportsWhatIsNotMapped() {
    try (PhysicalMemory memory = memory()) {
      UserMemory user = new UserMemory(memory);
      long base = user.mmap(0x3000);
      byte[] data = {1, 2, 3, 4, 5, 6, 7, 8};

      assertThat(user.residentBytes()).isZero();
      assertThat(user.write(base + 0xffc, data, 0, 8)).as("across pages").isTrue();
      assertThat(user.load(base + 0xffc, 8)).isEqualTo(0x0807_0605_0403_0201L);
      assertThat(user.residentBytes()).isEqualTo(0x2000);
      assertThat(user.read(base + 0x2ffc, data, 0, 8)).as("past the end").isFalse();
      assertThat(user.load(0x10, 4)).isZero();
      assertThat(user.mmap(0)).isNegative();
      assertThat(user.discard(base, 0x1000)).isZero();
      assertThat(user.load(base + 0xffc, 4)).isZero();
      assertThat(user.load(base + 0x1000, 4)).isEqualTo(0x0807_0605);
      assertThat(user.munmap(base)).isZero();
      assertThat(user.munmap(base)).isNegative();
      assertThat(memory.frames().allocatedFrames()).isZero();
    }
  }
}
