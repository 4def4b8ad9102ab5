package org.swtdx.exec.linux;

import java.lang.foreign.AddressLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.List;

/**
 * Starts a program from the calling thread, whose seccomp filter it inherits (posix_spawnp(3)).
 * {@link ProcessBuilder} won't do: it forks from a helper process that has no filter.
 */
public final class Spawn {
  private static final AddressLayout POINTER = ValueLayout.ADDRESS;
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
  private static final int ATTRIBUTES_SIZE = 512;
  private static final int ACTIONS_SIZE = 256;
  private static final int SIGNAL_SET_SIZE = 128;
  private static final short SETSIGDEF = 4;
  private static final short SETSIGMASK = 8;
  private static final int FIRST_INHERITED = 3;

  private final MethodHandle initAttributes = handle("posix_spawnattr_init", POINTER);
  private final MethodHandle emptySet = handle("sigemptyset", POINTER);
  private final MethodHandle fullSet = handle("sigfillset", POINTER);
  private final MethodHandle setMask = handle("posix_spawnattr_setsigmask", POINTER, POINTER);
  private final MethodHandle setDefault = handle("posix_spawnattr_setsigdefault", POINTER, POINTER);
  private final MethodHandle setFlags =
      handle("posix_spawnattr_setflags", POINTER, ValueLayout.JAVA_SHORT);
  private final MethodHandle initActions = handle("posix_spawn_file_actions_init", POINTER);
  private final MethodHandle closeFrom =
      handle("posix_spawn_file_actions_addclosefrom_np", POINTER, INT);
  private final MethodHandle spawn =
      handle("posix_spawnp", POINTER, POINTER, POINTER, POINTER, POINTER, POINTER);

  private final MemorySegment attributes;
  private final MemorySegment actions;
  private final MemorySegment pid;
  private final MemorySegment arguments;
  private final MemorySegment environment;

  /**
   * Prepares everything, so that {@link #start} opens no file and loads no class.
   *
   * @param command program and arguments
   * @param environment {@code NAME=value}
   */
  public Spawn(Arena arena, List<String> command, List<String> environment) {
    attributes = arena.allocate(ATTRIBUTES_SIZE, 16);
    actions = arena.allocate(ACTIONS_SIZE, 16);
    pid = arena.allocate(INT);
    arguments = strings(arena, command);
    this.environment = strings(arena, environment);
    try {
      MemorySegment set = arena.allocate(SIGNAL_SET_SIZE, 8);
      check((int) initAttributes.invokeExact(attributes));
      check((int) emptySet.invokeExact(set));
      check((int) setMask.invokeExact(attributes, set));
      check((int) fullSet.invokeExact(set));
      check((int) setDefault.invokeExact(attributes, set));
      check((int) setFlags.invokeExact(attributes, (short) (SETSIGDEF | SETSIGMASK)));
      check((int) initActions.invokeExact(actions));
      check((int) closeFrom.invokeExact(actions, FIRST_INHERITED));
    } catch (Throwable t) {
      throw new LinkageError("posix_spawn could not be prepared", t);
    }
  }

  @SuppressWarnings("restricted") // the C library's functions by name
  private static MethodHandle handle(String name, java.lang.foreign.MemoryLayout... arguments) {
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(
        linker.defaultLookup().findOrThrow(name), FunctionDescriptor.of(INT, arguments));
  }

  private static MemorySegment strings(Arena arena, List<String> texts) {
    MemorySegment array = arena.allocate(POINTER, texts.size() + 1L);
    for (int i = 0; i < texts.size(); i++) {
      array.setAtIndex(POINTER, i, arena.allocateFrom(texts.get(i)));
    }
    return array;
  }

  private static void check(int result) {
    if (result != 0) {
      throw new IllegalStateException("posix_spawn cannot be prepared: error " + result);
    }
  }

  /** Starts the program: its process ID, or a negative error number. */
  public int start() {
    try {
      int error =
          (int)
              spawn.invokeExact(
                  pid, arguments.get(POINTER, 0), actions, attributes, arguments, environment);
      return error == 0 ? pid.get(INT, 0) : -error;
    } catch (Throwable t) {
      throw new LinkageError("posix_spawnp could not be called", t);
    }
  }
}
