package org.swtdx.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import org.swtdx.vmm.cpu.CpuFeature;
import org.swtdx.vmm.cpu.CpuModel;

/** What {@code run --cpu help} prints. */
final class CpuHelp {
  private static final int WIDTH = 78;

  private CpuHelp() {}

  static void print(PrintWriter out) {
    out.println("CPU models:");
    for (CpuModel model : CpuModel.ALL) {
      out.printf("  %-20s %s%n", model.label(), model.description());
    }
    out.printf("  %-20s %s%n", "max, host", "everything that the engine implements");
    out.println();
    out.println("Features, to be added with ,+NAME or taken away with ,-NAME:");
    List<String> line = new ArrayList<>();
    int length = 1;
    for (CpuFeature feature : CpuFeature.values()) {
      if (length + 1 + feature.label().length() > WIDTH) {
        out.println("  " + String.join(" ", line));
        line.clear();
        length = 1;
      }
      line.add(feature.label());
      length += 1 + feature.label().length();
    }
    out.println("  " + String.join(" ", line));
    out.println();
    out.println("A model is limited to what the engine implements, unless ,enforce is given;");
    out.println("a feature that is asked for with + and isn't implemented ends the run.");
    out.flush();
  }
}
