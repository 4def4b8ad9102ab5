package org.swtdx.tdxmodule.platform;

/** A lock that somebody holds shared or exclusively and gives back. */
public interface Releasable {
  /** Gives the lock back in the mode it was taken in. */
  void release(boolean exclusive);
}
