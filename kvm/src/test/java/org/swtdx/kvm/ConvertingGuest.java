package org.swtdx.kvm;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import org.swtdx.kvm.uapi.Errno;
import org.swtdx.kvm.uapi.KvmExit;
import org.swtdx.kvm.uapi.KvmMemoryAttributes;
import org.swtdx.kvm.uapi.KvmRun;

/**
 * A VM whose vCPUs take memory from shared to private and back while they run, fill either side
 * with patterns and check them. Its user space does what a VMM does: it converts what the guest
 * asks for.
 */
abstract class ConvertingGuest {
  /** Guest physical address of the memory that is converted. */
  static final long REGION = 0x4000_0000L;

  private static final int PAGE = 4096;
  private static final int ROUND_ENDS = 0x80;
  private static final int FAILED = 0x81;
  private static final int DONE = 0x82;
  private static final long PRIVATE_WANTED = 1 << 4;

  /**
   * How much is converted.
   *
   * @param vcpus number of vCPUs; vCPU n owns the blocks n, n + vcpus, and so on
   * @param bytes size of the region
   * @param block size of what is converted at once
   * @param rounds how often each vCPU takes all its blocks to private and back
   */
  record Shape(int vcpus, long bytes, long block, int rounds) {}

  final Shape shape;
  final VmmProcess process;
  final List<KvmVcpu> vcpus = new ArrayList<>();
  final AtomicLong conversions = new AtomicLong();

  ConvertingGuest(Shape shape, VmmProcess process) {
    this.shape = shape;
    this.process = process;
  }

  abstract KvmVm vm();

  /** User address of the region's shared side. */
  abstract long shared();

  /** The region's private side. */
  abstract GuestMemfd file();

  /** The pattern of the eight bytes at a guest physical address under a tag. */
  abstract long pattern(long gpa, long tag);

  /** A vCPU says that its round with this first tag ended. */
  abstract void roundEnded(int index, int tag);

  /** Whether private pages that become shared are freed. */
  abstract boolean discards();

  final int attributes(long gpa, long size, long value) {
    return vm().setMemoryAttributes(
            new KvmMemoryAttributes().address(gpa).size(size).attributes(value));
  }

  /**
   * Runs a vCPU until its rounds are over, or it left to user space {@code exits} times, or was
   * kicked.
   *
   * @return whether its rounds are over
   */
  final boolean run(int index, long exits) {
    KvmVcpu vcpu = vcpus.get(index);
    KvmRun run = vcpu.kvmRun();
    for (long i = 0; i < exits; i++) {
      int result = vcpu.run();
      if (result == -Errno.EINTR) {
        return false;
      }
      if (result == -Errno.EFAULT && run.exitReason() == KvmExit.MEMORY_FAULT) {
        assertThat(sharedAccessWaits(index)).as("no access of vCPU %d disagrees", index).isTrue();
        Thread.onSpinWait();
        continue;
      }
      assertThat(result).as("KVM_RUN of vCPU %d", index).isZero();
      switch (run.exitReason()) {
        case KvmExit.HYPERCALL -> convert(run);
        case KvmExit.IO -> {
          int value = run.ioData32(0);
          assertThat(run.ioPort()).as("wrong at 0x%x", value).isNotEqualTo(FAILED);
          if (run.ioPort() == DONE) {
            return true;
          }
          assertThat(run.ioPort()).isEqualTo(ROUND_ENDS);
          roundEnded(index, value);
        }
        default -> throw new AssertionError(KvmExit.name(run.exitReason()));
      }
    }
    return false;
  }

  /** Whether a vCPU's accesses may find that user space made the memory private. */
  boolean sharedAccessWaits(int index) {
    return false;
  }

  private void convert(KvmRun run) {
    assertThat(run.hypercallNr()).isEqualTo(KvmExit.HC_MAP_GPA_RANGE);
    long gpa = run.hypercallArgs(0);
    long bytes = run.hypercallArgs(1) * PAGE;
    boolean toPrivate = (run.hypercallArgs(2) & PRIVATE_WANTED) != 0;
    assertThat(attributes(gpa, bytes, toPrivate ? KvmMemoryAttributes.PRIVATE : 0)).isZero();
    if (!toPrivate && discards()) {
      assertThat(file().fallocate(3, gpa - REGION, bytes)).isZero();
    }
    conversions.incrementAndGet();
    run.hypercallRet(0);
  }

  /** Stores a pattern in the shared side of the blocks of a vCPU. */
  final void fill(int index, long tag) {
    forEachPage(
        index, (gpa, page) -> process.memory().write(shared() + gpa - REGION, page, 0, PAGE), tag);
  }

  /** Checks that the shared side of the blocks of a vCPU holds a pattern. */
  final void check(int index, long tag) {
    byte[] found = new byte[PAGE];
    forEachPage(
        index,
        (gpa, page) -> {
          assertThat(process.memory().read(shared() + gpa - REGION, found, 0, PAGE)).isTrue();
          assertThat(found).as("page 0x%x, tag %d", gpa, tag).isEqualTo(page);
        },
        tag);
  }

  private interface PageVisitor {
    void visit(long gpa, byte[] pattern);
  }

  private void forEachPage(int index, PageVisitor visitor, long tag) {
    ByteBuffer page = ByteBuffer.allocate(PAGE).order(ByteOrder.LITTLE_ENDIAN);
    for (long at = index * shape.block; at < shape.bytes; at += shape.vcpus * shape.block) {
      for (long gpa = REGION + at; gpa < REGION + at + shape.block; gpa += PAGE) {
        for (int i = 0; i < PAGE; i += 8) {
          page.putLong(i, pattern(gpa + i, tag));
        }
        visitor.visit(gpa, page.array());
      }
    }
  }

  /** Closes all files in a random order and ends the process. */
  final void close(RandomGenerator random) {
    close(process, random);
  }

  /** Closes all files of a process in a random order and ends it. */
  static void close(VmmProcess process, RandomGenerator random) {
    List<Integer> open = new ArrayList<>();
    for (int fd = 0; fd < 64; fd++) {
      if (process.isOpen(fd)) {
        open.add(fd);
      }
    }
    Collections.shuffle(open, new Random(random.nextLong()));
    open.forEach(process::close);
    for (int fd = 0; fd < 64; fd++) {
      assertThat(process.isOpen(fd)).as("file %d", fd).isFalse();
    }
    process.exit();
  }
}
