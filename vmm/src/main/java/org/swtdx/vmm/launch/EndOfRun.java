package org.swtdx.vmm.launch;

import java.util.function.Consumer;
import org.swtdx.vmm.Outcome;
import org.swtdx.vmm.machine.MachineControl;

/** Turns power-off and reset of the machine into the outcome of the run. */
record EndOfRun(Consumer<Outcome> end) implements MachineControl {
  @Override
  public void powerOff() {
    end.accept(new Outcome.PoweredOff());
  }

  @Override
  public void reset(String through) {
    end.accept(new Outcome.Reset(through));
  }
}
