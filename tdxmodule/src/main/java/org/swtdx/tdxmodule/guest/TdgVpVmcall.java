package org.swtdx.tdxmodule.guest;

import java.util.concurrent.atomic.LongAdder;
import org.swtdx.events.PlatformEvents;
import org.swtdx.tdxmodule.platform.TdxPlatform;
import org.swtdx.tdxmodule.status.Operand;
import org.swtdx.tdxmodule.status.Refusal;

/**
 * TDG.VP.VMCALL (0): leaves the TD with the general-purpose and XMM registers that RCX selects. The
 * host's answer comes back in the same registers at the next entry.
 */
final class TdgVpVmcall implements GuestLeaf {
  private static final long RESERVED = 0xffff_ffff_0000_0013L; // RAX, RCX, RSP are never passed
  private static final long RBP = 1 << 5;
  private static final int LAST_INSTRUCTION = 65;
  private static final int FIRST_FUNCTION = 0x10000;
  private static final int LAST_FUNCTION = 0x10005;

  private final LongAdder[] instructions = new LongAdder[LAST_INSTRUCTION + 1];
  private final LongAdder[] functions = new LongAdder[LAST_FUNCTION - FIRST_FUNCTION + 1];
  private final LongAdder unknown;
  private final LongAdder vendor;

  TdgVpVmcall(TdxPlatform platform) {
    PlatformEvents events = platform.machine().events();
    unknown = events.counter(PlatformEvents.Kind.TDVMCALL, "Unknown");
    vendor = events.counter(PlatformEvents.Kind.TDVMCALL, "Vendor");
    java.util.Arrays.fill(instructions, unknown);
    String[] names = {
      "GetTdVmCallInfo",
      "MapGPA",
      "GetQuote",
      "ReportFatalError",
      "SetupEventNotifyInterrupt",
      "Service"
    };
    for (int i = 0; i < names.length; i++) {
      functions[i] = events.counter(PlatformEvents.Kind.TDVMCALL, names[i]);
    }
    instruction(events, 10, "Instruction.CPUID");
    instruction(events, 12, "Instruction.HLT");
    instruction(events, 30, "Instruction.IO");
    instruction(events, 31, "Instruction.RDMSR");
    instruction(events, 32, "Instruction.WRMSR");
    instruction(events, 36, "Instruction.MWAIT");
    instruction(events, 39, "Instruction.MONITOR");
    instruction(events, 48, "#VE.RequestMMIO");
    instruction(events, 54, "Instruction.WBINVD");
    instruction(events, LAST_INSTRUCTION, "Instruction.PCONFIG");
  }

  private void instruction(PlatformEvents events, int number, String name) {
    instructions[number] = events.counter(PlatformEvents.Kind.TDVMCALL, name);
  }

  @Override
  public long execute(TdCall call) throws Refusal {
    long mask = call.get(Operand.RCX);
    long reserved = call.vcpu().keepsRbp() ? RESERVED | RBP : RESERVED;
    Refusal.operandInvalidIf((mask & reserved) != 0, Operand.RCX);
    counter(call.get(Operand.R10), call.get(Operand.R11)).increment();
    call.vcpu().tdExit().call();
    return TdCall.LEAVE;
  }

  private LongAdder counter(long type, long function) {
    if (type != 0) {
      return vendor;
    }
    if (function >= FIRST_FUNCTION && function <= LAST_FUNCTION) {
      return functions[(int) function - FIRST_FUNCTION];
    }
    return function >= 0 && function <= LAST_INSTRUCTION ? instructions[(int) function] : unknown;
  }
}
