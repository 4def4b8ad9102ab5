package org.swtdx.cpu;

/**
 * A task switch that a guest attempted and its hypervisor carries out with {@link
 * Processor#switchTask}, because hardware never switches tasks in a guest (SDM Vol. 3C 26.4.2).
 *
 * @param selector selector of the TSS switched to
 * @param source what began it
 * @param vectoringInfo the event that went through a task gate, IDT-vectoring format; bit 31 valid
 * @param vectoringErrorCode its error code
 * @param instructionLength of the instruction that began it; 0 for other events
 */
public record TaskSwitch(
    int selector, Source source, int vectoringInfo, int vectoringErrorCode, int instructionLength) {
  /** What begins a task switch, as bits 31:30 of the exit qualification number them. */
  public enum Source {
    /** A far CALL to a TSS or task gate. */
    CALL(0),
    /** An IRET with NT set. */
    IRET(1),
    /** A far JMP to a TSS or task gate. */
    JUMP(2),
    /** An event through a task gate of the IDT. */
    GATE(3);

    private final long number;

    Source(long number) {
      this.number = number;
    }

    /** The source and TSS as an exit qualification. */
    public long qualification(int selector) {
      return selector | number << 30;
    }
  }

  private static final int VALID = 1 << 31;

  /** Returns the task switch that {@code exit}, of reason TASK_SWITCH, reports. */
  public static TaskSwitch of(VmExit exit) {
    return new TaskSwitch(
        (int) exit.qualification & 0xffff,
        Source.values()[(int) (exit.qualification >>> 30) & 3],
        exit.idtVectoringInfo,
        exit.idtVectoringErrorCode,
        exit.instructionLength);
  }

  /** Whether an event is being delivered. */
  public boolean deliversEvent() {
    return (vectoringInfo & VALID) != 0;
  }

  /** Vector of the event. */
  public int vector() {
    return vectoringInfo & 0xff;
  }

  /** Type of the event, one of the constants of {@link Processor}. */
  public int type() {
    return vectoringInfo >>> 8 & 7;
  }

  /** Error code of the event, or -1 when it has none. */
  public int errorCode() {
    return deliversEvent() && (vectoringInfo >>> 11 & 1) != 0 ? vectoringErrorCode : -1;
  }

  /** The EXT bit of error codes: the switch was not begun by an instruction. */
  public int external() {
    return deliversEvent()
            && type() != Processor.SOFTWARE_INTERRUPT
            && type() != Processor.SOFTWARE_EXCEPTION
        ? 1
        : 0;
  }
}
