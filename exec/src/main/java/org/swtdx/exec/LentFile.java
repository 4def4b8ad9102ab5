package org.swtdx.exec;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.swtdx.exec.linux.NamelessFile;
import org.swtdx.kvm.KvmFile;

/**
 * A file of KVM's that the program has descriptors of. Like the kernel's open files it lasts until
 * the last descriptor is gone and the last call on it has ended.
 */
final class LentFile {
  private final KvmFile file;
  private final NamelessFile node;
  private final LentProcess owner;
  private final @Nullable RunGate gate;
  private final AtomicInteger references = new AtomicInteger(1);
  private final AtomicBoolean unreachable = new AtomicBoolean();

  /**
   * Begins with one reference, that of the descriptors.
   *
   * @param file what KVM knows
   * @param node what the kernel knows: the inode that descriptors lead to
   * @param owner the process it was made for
   * @param gate of a vCPU: how KVM_RUN is entered and left; null for other files
   */
  LentFile(KvmFile file, NamelessFile node, LentProcess owner, @Nullable RunGate gate) {
    this.file = file;
    this.node = node;
    this.owner = owner;
    this.gate = gate;
  }

  KvmFile file() {
    return file;
  }

  NamelessFile node() {
    return node;
  }

  LentProcess owner() {
    return owner;
  }

  @Nullable RunGate gate() {
    return gate;
  }

  /** Takes a reference for a call; false when the file has ended. */
  boolean retain() {
    return references.getAndUpdate(count -> count == 0 ? 0 : count + 1) != 0;
  }

  /** Takes note that no descriptor is left; whether that is new. */
  boolean becomeUnreachable() {
    return !unreachable.getAndSet(true);
  }

  /** Whether no descriptor is left; calls may still be in the file, or it is being released. */
  boolean isUnreachable() {
    return unreachable.get();
  }

  /** Drops a reference; whether it was the last. */
  boolean drop() {
    return references.decrementAndGet() == 0;
  }
}
