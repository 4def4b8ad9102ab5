package org.swtdx.exec;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.swtdx.exec.linux.Syscall;
import org.swtdx.exec.linux.Tracer;
import org.swtdx.kvm.HostShare;
import org.swtdx.kvm.KvmHost;

/**
 * Runs a native program that finds KVM at {@code /dev/kvm}. The program needs to know nothing of
 * it: dynamic or static, with threads and children. Linux on x86-64 only.
 */
public final class Lender {
  private static final int PR_SET_CHILD_SUBREAPER = 36;

  private final KvmHost host;

  /** Lends the KVM of a host. */
  public Lender(KvmHost host) {
    this.host = host;
  }

  /**
   * Runs a program to its end, and to that of the children that it leaves behind.
   *
   * @param command the program, found as a shell does, and its arguments
   * @param environment its environment
   * @return its exit status; 128 plus the signal's number when a signal ended it
   * @throws LendingException when it cannot be started
   */
  public int run(List<String> command, Map<String, String> environment)
      throws LendingException, InterruptedException {
    try (Launch launch = Launch.prepare(command, environment);
        Supervisor supervisor =
            new Supervisor(launch.listener(), host, HostShare.unbounded(), Integer.MAX_VALUE)) {
      Syscall.call(Syscall.PRCTL, PR_SET_CHILD_SUBREAPER, 1);
      launch.start();
      int status = launch.await();
      while (supervisor.hasPrograms()) {
        reapOrphans();
      }
      reapOrphans();
      supervisor.awaitEmpty("the program");
      return status;
    } catch (IOException e) {
      throw new LendingException(String.valueOf(e.getMessage()));
    }
  }

  /** Takes note of children that the program left behind, which are ours now. */
  private static void reapOrphans() {
    while (Tracer.reapAny() > 0) {
      Thread.onSpinWait();
    }
  }
}
