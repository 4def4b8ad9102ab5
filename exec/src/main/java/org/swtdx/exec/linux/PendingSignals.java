package org.swtdx.exec.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.OptionalLong;

/**
 * Whether a thread of another process has a signal waiting that it neither blocks nor ignores, or
 * shall stop with its process: what would end a sleep of its in the kernel (proc_pid_status(5)).
 * For one thread at a time.
 */
public final class PendingSignals implements AutoCloseable {
  private static final int O_CLOEXEC = 0x80000;
  private static final int USUAL_SIZE = 4096;
  private static final int HEX_DIGITS = 16;

  /** SIGCHLD, SIGCONT, SIGURG and SIGWINCH do nothing unless the program has a handler. */
  private static final long IGNORED_BY_DEFAULT = 1L << 16 | 1L << 17 | 1L << 22 | 1L << 27;

  private static final int NOT_OPEN = -1;

  private final int tid;
  private final int group;
  private final int thread;
  private int leader = NOT_OPEN;

  /** Not a shared one: closing that stops all threads for a moment, those in a guest too. */
  private final Arena arena = Arena.ofAuto();

  private MemorySegment text = arena.allocate(USUAL_SIZE);
  private boolean stale;

  /**
   * Watches a thread.
   *
   * @param group the process, which is its first thread
   */
  public PendingSignals(int tid, int group) {
    this.tid = tid;
    this.group = group;
    thread = Syscall.open("/proc/" + tid + "/status", O_CLOEXEC);
  }

  /** The thread. */
  public int tid() {
    return tid;
  }

  /**
   * Whether the thread had ended when it was last looked at; its number may be another's by now.
   */
  public boolean isStale() {
    return stale;
  }

  /**
   * Whether a signal waits for the thread that ends its call. One that is ignored waits only while
   * the process is traced, by us for example, or while it is blocked; then it may end a call that
   * has another mask.
   *
   * @param mask what is blocked during the call, bit n - 1 for signal n, if not what the thread
   *     blocks
   */
  public boolean arePending(OptionalLong mask) {
    String status = read(thread);
    stale = status.isEmpty();
    return ofInterest(status, mask) != 0;
  }

  /** Whether a thread that gets a signal takes it at once, and not later or never. */
  public static boolean wouldInterrupt(int tid, int signal) {
    try (PendingSignals signals = new PendingSignals(tid, tid)) {
      return signals.wouldBeTaken(signal);
    }
  }

  /** Whether the thread would take a signal at once, and not later or never. */
  public boolean wouldBeTaken(int signal) {
    String status = read(thread);
    long bit = signal < 1 || signal > Long.SIZE ? 0 : 1L << signal - 1;
    return !status.isEmpty() && (bit & ~(mask(status, "\nSigBlk:\t") | ignored(status))) != 0;
  }

  private static long ignored(String status) {
    return mask(status, "\nSigIgn:\t") | IGNORED_BY_DEFAULT & ~mask(status, "\nSigCgt:\t");
  }

  /** The signals that wait in the text of a status file, without those blocked and ignored. */
  static long ofInterest(String status, OptionalLong mask) {
    long ignored = ignored(status);
    long blocked = mask(status, "\nSigBlk:\t");
    return (mask(status, "\nSigPnd:\t") | mask(status, "\nShdPnd:\t"))
        & ~(mask.orElse(blocked) | ignored & ~blocked);
  }

  /** Whether the process was told to stop, by its terminal or by SIGSTOP. */
  public boolean isStopping() {
    if (leader < 0) {
      leader = Syscall.open("/proc/" + group + "/status", O_CLOEXEC);
    }
    String status = read(leader);
    int at = status.indexOf("\nState:\t");
    return at >= 0 && status.charAt(at + "\nState:\t".length()) == 'T';
  }

  private String read(int fd) {
    long length = Syscall.call(Syscall.PREAD64, fd, text.address(), text.byteSize(), 0);
    while (length == text.byteSize()) { // who is in many groups has a long status
      text = arena.allocate(2 * length);
      length = Syscall.call(Syscall.PREAD64, fd, text.address(), text.byteSize(), 0);
    }
    return length <= 0
        ? ""
        : new String(
            text.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.ISO_8859_1);
  }

  /** A set of signals in the text of a status file; empty when it is not there. */
  static long mask(String status, String key) {
    int at = status.indexOf(key);
    int from = at + key.length();
    return at < 0 || from + HEX_DIGITS > status.length()
        ? 0
        : Long.parseUnsignedLong(status, from, from + HEX_DIGITS, 16);
  }

  @Override
  public void close() {
    Syscall.call(Syscall.CLOSE, thread);
    if (leader >= 0) {
      Syscall.call(Syscall.CLOSE, leader);
    }
  }
}
