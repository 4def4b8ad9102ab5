package org.swtdx.seamcall;

/**
 * The completion status of a SEAMCALL. Its low 32 bits are details (an operand, a level, an exit
 * reason), so two statuses are never compared as numbers: ask {@link #is}.
 *
 * @param raw RAX as the module left it
 */
public record TdxStatus(long raw) {
  /** TDX_SUCCESS without details. */
  public static final TdxStatus SUCCESS = new TdxStatus(0);

  private static final int SOFTWARE_CLASS = 0xff;

  /** Returns the status for a value of RAX. */
  public static TdxStatus of(long raw) {
    return raw == 0 ? SUCCESS : new TdxStatus(raw);
  }

  /** Whether {@code raw} has {@code code}, whatever its details; allocates nothing. */
  public static boolean is(long raw, StatusCode code) {
    return (int) (raw >>> 32) == code.bits();
  }

  /** The status code, details aside. */
  public StatusCode code() {
    return isSoftwareError() ? StatusCode.SEAMCALL_FAILED : StatusCode.of((int) (raw >>> 32));
  }

  /** Whether the code is {@code code}. */
  public boolean is(StatusCode code) {
    return is(raw, code);
  }

  /** Bits 47:40: the status class. */
  public int statusClass() {
    return (int) (raw >>> 40) & 0xff;
  }

  /** Bits 31:0: operand id, level, exit reason or MSR, as the code defines. */
  public int details() {
    return (int) raw;
  }

  /** Bit 63: the leaf did not do what was asked. */
  public boolean isError() {
    return raw < 0;
  }

  /** Whether the leaf completed; some successes carry a code that says what it met. */
  public boolean isSuccess() {
    return (raw & (1L << 63 | 1L << 62)) == 0;
  }

  /** Bit 62: repeating the call unchanged cannot succeed. */
  public boolean isNonRecoverable() {
    return (raw & 1L << 62) != 0;
  }

  /** Bit 61: the TD is dead. */
  public boolean isFatal() {
    return (raw & 1L << 61) != 0;
  }

  /** Whether SEAMCALL failed before it reached the module. */
  public boolean isSoftwareError() {
    return isError() && statusClass() == SOFTWARE_CLASS;
  }

  /** A lock that the leaf needs is held elsewhere; repeat later. */
  public boolean isBusy() {
    return is(StatusCode.OPERAND_BUSY) || is(StatusCode.OPERAND_BUSY_HOST_PRIORITY);
  }

  private boolean detailsAreOperand() {
    return switch (code()) {
      case OPERAND_INVALID,
          OPERAND_ADDR_RANGE_ERROR,
          OPERAND_BUSY,
          OPERAND_BUSY_HOST_PRIORITY,
          PAGE_METADATA_INCORRECT,
          EPT_WALK_FAILED,
          EPT_ENTRY_STATE_INCORRECT ->
          true;
      default -> false;
    };
  }

  @Override
  public String toString() {
    StatusCode code = code();
    if (code == StatusCode.UNDEFINED) {
      return "TDX status 0x%016x".formatted(raw);
    }
    if (detailsAreOperand()) {
      return code.abiName() + "(" + OperandName.of(details()) + ")";
    }
    return details() == 0 ? code.abiName() : "%s(0x%x)".formatted(code.abiName(), details());
  }
}
