package org.swtdx.vmm;

import java.util.OptionalLong;

/** How a run ended. */
public sealed interface Outcome {
  /** Exit status of a run that reached its goal. */
  int SUCCESS = 0;

  /** Exit status of a run that the guest failed. */
  int GUEST_FAILED = 1;

  /** Exit status of a run that ran out of time. */
  int TIMED_OUT = 124;

  /** Exit status that the command line gives. */
  default int exitStatus() {
    return GUEST_FAILED;
  }

  /** One line that says what happened. */
  String describe();

  /** The guest switched itself off. */
  record PoweredOff() implements Outcome {
    @Override
    public int exitStatus() {
      return SUCCESS;
    }

    @Override
    public String describe() {
      return "the guest powered off";
    }
  }

  /**
   * The guest asked for a reset; a TD can't be reset, so the run ends.
   *
   * @param through the register it used
   */
  record Reset(String through) implements Outcome {
    @Override
    public int exitStatus() {
      return SUCCESS;
    }

    @Override
    public String describe() {
      return "the guest reset itself through " + through;
    }
  }

  /**
   * The console output contains what was waited for.
   *
   * @param text the matching text
   */
  record Matched(String text) implements Outcome {
    @Override
    public int exitStatus() {
      return SUCCESS;
    }

    @Override
    public String describe() {
      return "the console printed '" + text.strip() + "'";
    }
  }

  /**
   * The guest wrote to the debug exit port.
   *
   * @param value what it wrote
   */
  record DebugExit(int value) implements Outcome {
    /** QEMU's: the value doubled, plus one, of which a process keeps eight bits. */
    @Override
    public int exitStatus() {
      return (value << 1 | 1) & 0xff;
    }

    @Override
    public String describe() {
      return "the guest ended the run with value 0x" + Integer.toHexString(value);
    }
  }

  /** The user ended the run. */
  record Quit() implements Outcome {
    @Override
    public int exitStatus() {
      return SUCCESS;
    }

    @Override
    public String describe() {
      return "ended from the console";
    }
  }

  /**
   * The guest reported a fatal error through TDVMCALL.
   *
   * @param code the error code, R12
   * @param message the text in the registers; empty if there is none
   * @param gpa address of further information, if the guest named one
   */
  record FatalError(long code, String message, OptionalLong gpa) implements Outcome {
    @Override
    public String describe() {
      StringBuilder text = new StringBuilder("the guest reported a fatal error, code 0x");
      text.append(Long.toHexString(code));
      if (!message.isEmpty()) {
        text.append(": ").append(message);
      }
      gpa.ifPresent(
          a -> text.append(" (details at gpa 0x").append(Long.toHexString(a)).append(')'));
      return text.toString();
    }
  }

  /**
   * A vCPU shut down after a triple fault.
   *
   * @param vcpu its number
   */
  record TripleFault(int vcpu) implements Outcome {
    @Override
    public String describe() {
      return "triple fault on vCPU " + vcpu;
    }
  }

  /**
   * KVM_RUN failed with EIO: the VM is dead. For a TD the usual reason is an access to a private
   * page that the guest has not accepted, which KVM reports in no other way.
   *
   * @param vcpu the vCPU's number
   * @param reason what KVM's log says
   */
  record VmDead(int vcpu, String reason) implements Outcome {
    @Override
    public String describe() {
      return "KVM stopped the VM on vCPU " + vcpu + ": " + reason;
    }
  }

  /**
   * A vCPU touched memory that neither exists nor can be converted.
   *
   * @param vcpu the vCPU's number
   * @param gpa the address
   * @param isPrivate whether it was accessed as private memory
   */
  record MemoryFault(int vcpu, long gpa, boolean isPrivate) implements Outcome {
    @Override
    public String describe() {
      return "vCPU %d touched %s memory at gpa 0x%x, where there is none"
          .formatted(vcpu, isPrivate ? "private" : "shared", gpa);
    }
  }

  /**
   * KVM gave up on a vCPU.
   *
   * @param vcpu the vCPU's number
   * @param detail the exit and its numbers
   */
  record KvmFailure(int vcpu, String detail) implements Outcome {
    @Override
    public String describe() {
      return "KVM gave up on vCPU " + vcpu + ": " + detail;
    }
  }

  /**
   * Time ran out.
   *
   * @param seconds the limit
   */
  record TimedOut(double seconds) implements Outcome {
    @Override
    public int exitStatus() {
      return TIMED_OUT;
    }

    @Override
    public String describe() {
      boolean whole = seconds == Math.rint(seconds);
      return "no end within "
          + (whole ? Long.toString((long) seconds) : Double.toString(seconds))
          + " s";
    }
  }
}
