package org.swtdx.exec.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Signals of this process (signal(7)). */
public final class Signals {
  public static final int INT = 2;
  public static final int QUIT = 3;
  public static final int KILL = 9;
  public static final int TERM = 15;

  private static final int SIGACTION = 32;
  private static final int SIGNAL_SET = 8;
  private static final long SIG_IGN = 1;
  private static final int TIOCGPGRP = 0x540f;

  private Signals() {}

  /**
   * Leaves the keyboard's signals to the program in the same foreground process group of the
   * terminal, as a shell does: the terminal sends them to both. Whether there is such a terminal.
   */
  public static boolean leaveKeyboardToProgram() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment group = arena.allocate(Integer.BYTES, 8);
      int terminal = Syscall.open("/dev/tty", 0x80000);
      if (terminal < 0) {
        return false;
      }
      long result = Syscall.call(Syscall.IOCTL, terminal, TIOCGPGRP, group.address());
      Syscall.call(Syscall.CLOSE, terminal);
      if (result < 0 || group.get(ValueLayout.JAVA_INT, 0) != Syscall.call(Syscall.GETPGRP)) {
        return false;
      }
      MemorySegment ignore = arena.allocate(SIGACTION, 8);
      ignore.set(ValueLayout.JAVA_LONG, 0, SIG_IGN);
      Syscall.call(Syscall.RT_SIGACTION, INT, ignore.address(), 0, SIGNAL_SET);
      Syscall.call(Syscall.RT_SIGACTION, QUIT, ignore.address(), 0, SIGNAL_SET);
      return true;
    }
  }
}
