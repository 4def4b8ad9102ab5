package org.swtdx.kvm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.swtdx.kvm.uapi.Errno;
import org.swtdx.kvm.uapi.KvmCreateGuestMemfd;
import org.swtdx.kvm.uapi.KvmMemoryAttributes;
import org.swtdx.kvm.uapi.KvmUserspaceMemoryRegion2;
import org.swtdx.kvm.uapi.KvmVmType;
import org.swtdx.memory.Hpa;

/**
 * Two vCPUs convert the memory that they use, side by side, and every byte of either side is what
 * was stored there. {@code -Dswtdx.conversion.mib=256} is the long run.
 */
@Timeout(3600)
class ConversionTest {
  private static final long BYTES = Long.getLong("swtdx.conversion.mib", 2) << 20;
  private static final int ROUNDS = Integer.getInteger("swtdx.conversion.rounds", 2);

  @AutoClose private final TestHost machine = new TestHost();

  private static ConvertingGuest.Shape shape(long block, int rounds) {
    return new ConvertingGuest.Shape(2, BYTES, block, rounds);
  }

  static List<FutureTask<Boolean>> start(ConvertingGuest guest) {
    List<FutureTask<Boolean>> running = new ArrayList<>();
    for (int i = 0; i < guest.shape.vcpus(); i++) {
      int index = i;
      running.add(new FutureTask<>(() -> guest.run(index, Long.MAX_VALUE)));
      new Thread(running.getLast(), "vCPU " + i).start();
    }
    return running;
  }

  /** Runs all vCPUs until their rounds are over, and closes everything. */
  static void runToTheEnd(ConvertingGuest guest) throws ExecutionException, InterruptedException {
    for (FutureTask<Boolean> each : start(guest)) {
      assertThat(each.get()).isTrue();
    }
    long blocks = BYTES / guest.shape.block();
    long pieces = Math.max(1, guest.shape.block() >>> 21);
    assertThat(guest.conversions.get())
        .as("conversions")
        .isGreaterThanOrEqualTo(2 * blocks * pieces * guest.shape.rounds());
    guest.close(new SplittableRandom(1));
  }

  @ParameterizedTest(name = "blocks of {0} bytes, private pages freed: {1}")
  @CsvSource({"4096, false", "4096, true", "65536, true", "1048576, false"})
  void aTdLosesNoByte(long block, boolean discards) throws Exception {
    runToTheEnd(
        new ConvertingTd(machine, shape(block, ROUNDS), ConvertingTd.Mode.CONVERT, discards));
  }

  @ParameterizedTest(name = "blocks of {0} bytes")
  @CsvSource({"4096", "1048576"})
  void aSoftwareProtectedVmLosesNoByte(long block) throws Exception {
    runToTheEnd(new ConvertingVm(machine, shape(block, ROUNDS)));
  }

  @Test
  void noStoreIsLostWhileTheHostConvertsTheMemoryUnderIt() throws Exception {
    int rounds = 40 * ROUNDS;
    ConvertingTd guest =
        new ConvertingTd(machine, shape(BYTES, rounds), ConvertingTd.Mode.COUNT, false);
    List<FutureTask<Boolean>> running = start(guest);

    int conversions = 0;
    while (!running.stream().allMatch(FutureTask::isDone)) {
      guest.attributes(ConvertingGuest.REGION, BYTES, KvmMemoryAttributes.PRIVATE);
      guest.attributes(ConvertingGuest.REGION, BYTES, 0);
      conversions++;
      Thread.sleep(1);
    }

    for (FutureTask<Boolean> each : running) {
      assertThat(each.get()).isTrue();
    }
    assertThat(conversions).isPositive();
    for (long page = 0; page < BYTES / 4096; page++) {
      assertThat(guest.count(0, page)).as("page %d, vCPU 0", page).isEqualTo(rounds);
      assertThat(guest.count(1, page)).as("page %d, vCPU 1", page).isEqualTo(rounds);
    }
    guest.close(new SplittableRandom(2));
  }

  // ---- a vCPU that stores all the time, without leaving the guest ----

  private static void awaitMoreThan(LongSupplier counter, long value) {
    while (counter.getAsLong() <= value) {
      Thread.onSpinWait();
    }
  }

  private static void assertStandsStill(LongSupplier counter) throws InterruptedException {
    long value = counter.getAsLong();
    Thread.sleep(20);
    assertThat(counter.getAsLong()).as("stores after the conversion").isEqualTo(value);
  }

  @Test
  void noStoreOfATdReachesTheSharedSideAfterItsConversion() throws Exception {
    ConvertingTd guest =
        new ConvertingTd(
            machine,
            new ConvertingGuest.Shape(1, 0x1000, 0x1000, Integer.MAX_VALUE),
            ConvertingTd.Mode.COUNT,
            false);
    List<FutureTask<Boolean>> running = start(guest);
    LongSupplier counter = () -> guest.count(0, 0);
    for (int i = 0; i < 5; i++) {
      awaitMoreThan(counter, guest.count(0, 0) + 100);
      assertThat(guest.attributes(ConvertingGuest.REGION, 0x1000, KvmMemoryAttributes.PRIVATE))
          .isZero();
      assertStandsStill(counter);
      assertThat(guest.attributes(ConvertingGuest.REGION, 0x1000, 0)).isZero();
    }

    guest.vcpus.getFirst().kick();
    assertThat(running.getFirst().get()).isFalse();
    guest.close(new SplittableRandom(3));
  }

  @Test
  void theStoresOfASoftwareProtectedVmGoWhereTheMemoryIs() throws Exception {
    VmmProcess process = machine.newProcess();
    KvmVm vm = process.vm(process.openKvm().createVm(KvmVmType.SW_PROTECTED)).orElseThrow();
    long ram = process.memory().mmap(0x4000);
    int fd = vm.createGuestMemfd(new KvmCreateGuestMemfd().size(0x4000));
    GuestMemfd file = process.guestMemfd(fd).orElseThrow();
    KvmUserspaceMemoryRegion2 region =
        new KvmUserspaceMemoryRegion2()
            .flags(KvmUserspaceMemoryRegion2.GUEST_MEMFD)
            .memorySize(0x4000)
            .userspaceAddr(ram)
            .guestMemfd(fd);
    assertThat(vm.setUserMemoryRegion2(region)).isZero();
    // inc dword [0x3000]; jmp back
    process.memory().store(ram + 0x1000, 8, 0xf9_eb30_0006_ff66L);
    KvmVcpu vcpu = process.vcpu(vm.createVcpu(0)).orElseThrow();
    Vcpus.realMode(vcpu, 0x1000);
    FutureTask<Integer> running = new FutureTask<>(vcpu::run);
    new Thread(running, "vCPU 0").start();
    LongSupplier shared = () -> process.memory().load(ram + 0x3000, 4);
    LongSupplier ofFile =
        () -> {
          long frame = file.file().frames().lookup(3);
          return frame == FrameTable.NONE ? 0 : machine.memory.host().read32(new Hpa(frame));
        };
    KvmMemoryAttributes page = new KvmMemoryAttributes().address(0x3000).size(0x1000);
    for (int i = 0; i < 5; i++) {
      awaitMoreThan(shared, shared.getAsLong() + 100);
      assertThat(vm.setMemoryAttributes(page.attributes(KvmMemoryAttributes.PRIVATE))).isZero();
      assertStandsStill(shared);
      awaitMoreThan(ofFile, ofFile.getAsLong() + 100);
      assertThat(vm.setMemoryAttributes(page.attributes(0))).isZero();
      assertStandsStill(ofFile);
    }

    vcpu.kick();
    assertThat(running.get()).isEqualTo(-Errno.EINTR);
  }
}
