package org.swtdx.tdxmodule.platform;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** Try-locks and host priority. */
class SharexLockTest {
  private static final int THREADS = 20;

  private final SharexLock lock = new SharexLock();
  private final PamtEntry entry = new PamtEntry(new long[2], 0, 0x5000, 0, null);

  @Test
  void sharersExcludeAnExclusiveHolderAndTheOtherWayRound() {
    assertThat(lock.tryHost(false)).isTrue();
    assertThat(lock.tryHost(false)).isTrue();
    assertThat(lock.tryHost(true)).isFalse();
    lock.release(false);
    lock.release(false);
    assertThat(lock.tryHost(true)).isTrue();
    assertThat(lock.tryHost(false)).isFalse();
    lock.release(true);
    assertThat(lock.tryHost(false)).isTrue();
  }

  @Test
  void aHostThatFailedComesBeforeGuestsUntilItSucceeds() {
    assertThat(lock.tryGuest(true)).isTrue();
    assertThat(lock.hostHasPriority()).isFalse();
    assertThat(lock.tryHost(true)).isFalse();
    lock.release(true);
    assertThat(lock.tryGuest(true)).isFalse();
    assertThat(lock.tryGuest(false)).isFalse();

    assertThat(lock.tryHost(true)).isTrue();
    lock.release(true);

    assertThat(lock.tryGuest(false)).isTrue();
  }

  @Test
  void aGuestThatFailsGetsNoPriority() {
    assertThat(lock.tryHost(true)).isTrue();
    assertThat(lock.tryGuest(true)).isFalse();
    assertThat(lock.hostHasPriority()).isFalse();
  }

  @Test
  void aPamtEntryKeepsItsContentsThroughLocking() {
    entry.assign(PageType.EPT, 0x7_1234_5000L);
    entry.setBepoch(-2);

    assertThat(entry.tryLock(false)).isTrue();
    assertThat(entry.tryLock(true)).isFalse();
    entry.release(false);
    assertThat(entry.tryLock(true)).isTrue();
    assertThat(entry.tryLock(false)).isFalse();

    assertThat(entry.type()).isEqualTo(PageType.EPT);
    assertThat(entry.owner()).isEqualTo(0x7_1234_5000L);
    assertThat(entry.bepoch()).isEqualTo(-2);
    entry.free();
    entry.release(true);
    assertThat(entry.words()).containsExactly(1L << 14, 0); // only the failed host's priority
    assertThat(entry.tryLock(false)).isTrue();
    assertThat(entry.words()[0]).isOne();
  }

  @Test
  void theEntryOfALargerPageIsLockedOutsideItsWord() {
    PamtEntry large = new PamtEntry(new long[2], 0, 0x20_0000, 1, lock);
    large.assign(PageType.NDA, 0);
    long word = large.words()[0];

    assertThat(large.tryLock(false)).isTrue();
    assertThat(large.tryLock(false)).isTrue();
    assertThat(large.tryLock(true)).isFalse();
    large.release(false);
    assertThat(large.tryLock(true)).isFalse();
    large.release(false);
    assertThat(large.tryLock(true)).isTrue();
    assertThat(large.tryLock(false)).isFalse();
    large.release(true);

    assertThat(large.words()[0]).isEqualTo(word);
    assertThat(lock.hostHasPriority()).isTrue();
  }

  @Test
  void sharersOnManyThreadsAreAllSeen() throws InterruptedException {
    CountDownLatch share = new CountDownLatch(THREADS);
    CountDownLatch leave = new CountDownLatch(1);
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      threads.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    boolean taken = lock.tryHost(false);
                    share.countDown();
                    try {
                      leave.await();
                    } catch (InterruptedException e) {
                      Thread.currentThread().interrupt();
                    }
                    if (taken) {
                      lock.release(false);
                    }
                  }));
    }
    share.await();
    assertThat(lock.tryHost(true)).isFalse();
    leave.countDown();
    for (Thread t : threads) {
      t.join();
    }
    assertThat(lock.tryHost(true)).isTrue();
  }
}
