package org.swtdx.kvm;

import java.util.Optional;
import org.swtdx.cpu.Platform;

/**
 * The host: a platform whose TDX module is brought up if there is one, and the KVM loaded on it.
 * Processes open /dev/kvm on it.
 */
public final class KvmHost {
  /**
   * Brings the TDX module up, if the class path has one, and loads KVM. Without a module, or when
   * bring-up fails, KVM runs ordinary VMs only and {@link #tdxUnavailable} says why.
   */
  public static KvmHost start(Platform platform) {
    throw new UnsupportedOperationException();
  }

  /** The platform. */
  public Platform platform() {
    throw new UnsupportedOperationException();
  }

  /** Why TDX is not available: leaf, status, operand and remedy; empty when it is. */
  public Optional<String> tdxUnavailable() {
    throw new UnsupportedOperationException();
  }

  /** Starts a process with an empty address space and no open files. */
  public VmmProcess newProcess() {
    throw new UnsupportedOperationException();
  }

  /** Frames handed out since bring-up and not given back. */
  public long outstandingFrames() {
    throw new UnsupportedOperationException();
  }

  /** KeyIDs taken from the pool and not given back. */
  public int outstandingKeyIds() {
    throw new UnsupportedOperationException();
  }
}
