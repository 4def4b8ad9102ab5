package org.swtdx.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.CommandLineOptions;

/** Runs benchmarks and sets each beside the floor that its class names. */
public final class Bench {
  private Bench() {}

  /**
   * Runs the benchmarks that the arguments choose.
   *
   * @param args those of JMH: a pattern first, then options; {@code --rounds N} before them has
   *     {@link Rounds} run them
   * @throws Exception when JMH refuses them
   */
  public static void main(String... args) throws Exception {
    if (args.length > 1 && args[0].equals("--rounds")) {
      Rounds.run(Integer.parseInt(args[1]), Arrays.copyOfRange(args, 2, args.length));
      return;
    }
    Collection<RunResult> results = new Runner(new CommandLineOptions(args)).run();
    System.out.println();
    table(results).forEach(System.out::println);
  }

  /**
   * One line per benchmark: score, error, and its ratio to the floor of its class and parameters.
   */
  static List<String> table(Collection<RunResult> results) {
    Map<String, Double> floors = new TreeMap<>();
    for (RunResult r : results) {
      if (method(r).equals(floorOf(r))) {
        floors.put(group(r), r.getPrimaryResult().getScore());
      }
    }
    List<String> lines = new ArrayList<>();
    lines.add(row("benchmark", "score", "+/-", "unit", "floor", "x floor"));
    for (RunResult r : results) {
      Result<?> primary = r.getPrimaryResult();
      Double floor = floors.get(group(r));
      lines.add(
          row(
              name(r),
              number(primary.getScore()),
              number(primary.getScoreError()),
              primary.getScoreUnit(),
              floor == null ? "" : floorOf(r),
              floor == null ? "" : number(primary.getScore() / floor)));
    }
    return lines;
  }

  private static String row(
      String name, String score, String error, String unit, String floor, String ratio) {
    return "%-52s %12s %10s %-8s %-24s %8s"
        .formatted(name, score, error, unit, floor, ratio)
        .stripTrailing();
  }

  private static String number(double value) {
    return Double.isNaN(value)
        ? ""
        : String.format(Locale.ROOT, value < 100 ? "%.2f" : "%.0f", value);
  }

  private static String type(RunResult r) {
    String benchmark = r.getParams().getBenchmark();
    return benchmark.substring(0, benchmark.lastIndexOf('.'));
  }

  private static String method(RunResult r) {
    String benchmark = r.getParams().getBenchmark();
    return benchmark.substring(benchmark.lastIndexOf('.') + 1);
  }

  /** Results of one class with the same parameters are compared with each other. */
  private static String group(RunResult r) {
    return type(r) + parameters(r);
  }

  private static String parameters(RunResult r) {
    StringBuilder text = new StringBuilder();
    for (String key : r.getParams().getParamsKeys()) {
      text.append(' ').append(key).append('=').append(r.getParams().getParam(key));
    }
    return text.toString();
  }

  /** The benchmark with its parameters, without its package. */
  static String name(RunResult r) {
    String type = type(r);
    String threads = r.getParams().getThreads() > 1 ? " x" + r.getParams().getThreads() : "";
    return type.substring(type.lastIndexOf('.') + 1) + "." + method(r) + parameters(r) + threads;
  }

  private static String floorOf(RunResult r) {
    try {
      Floor floor = Class.forName(type(r)).getAnnotation(Floor.class);
      return floor == null ? "" : floor.value();
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(e);
    }
  }
}
