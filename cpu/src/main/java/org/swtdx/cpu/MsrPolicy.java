package org.swtdx.cpu;

/** Which RDMSR and WRMSR of a guest cause a VM exit: the MSR bitmaps. Thread-safe. */
@FunctionalInterface
public interface MsrPolicy {
  /** Returns whether the access exits; otherwise the processor's own MSR is used. */
  boolean exits(int msr, boolean write);
}
