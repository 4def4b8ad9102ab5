package org.swtdx.bench;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.commons.math3.distribution.BinomialDistribution;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * Runs benchmarks in rounds, each of them in one new JVM per round, and takes the best iteration of
 * a JVM as one sample: whatever else the machine does can only add to it. What differs from one JVM
 * to the next (what was compiled how, and where it lies) is then in the interval, and what changes
 * on the machine meanwhile meets all of them alike. Medians and their intervals assume nothing of
 * how the samples are distributed, which is rarely normal: compilers settle for one of few ways.
 */
final class Rounds {
  private static final double CONFIDENCE = 0.95;

  private final Map<String, List<Double>> samples = new LinkedHashMap<>();
  private final Map<String, String> firstOf = new LinkedHashMap<>();

  /**
   * Runs the rounds and prints the table.
   *
   * @param count how many
   * @param args those of JMH: a pattern first, then options
   */
  static void run(int count, String... args) throws Exception {
    Rounds rounds = new Rounds();
    for (int i = 0; i < count; i++) {
      CommandLineOptions given = new CommandLineOptions(args);
      rounds.add(new Runner(new OptionsBuilder().parent(given).forks(1).build()).run());
    }
    System.out.println();
    rounds.table().forEach(System.out::println);
  }

  /** Takes over the results of one round, in JMH's order, which is the same in each. */
  private void add(Collection<RunResult> results) {
    for (RunResult r : results) {
      String name = Bench.name(r);
      firstOf.putIfAbsent(name, firstOf.computeIfAbsent(r.getParams().getBenchmark(), _ -> name));
      samples.computeIfAbsent(name, _ -> new ArrayList<>()).add(best(r));
    }
  }

  private static double best(RunResult result) {
    return result.getBenchmarkResults().stream()
        .flatMap(jvm -> jvm.getIterationResults().stream())
        .map(IterationResult::getPrimaryResult)
        .mapToDouble(r -> r.getScore())
        .min()
        .orElseThrow();
  }

  /**
   * One line per benchmark and parameters: the median of the rounds with its 95% interval, the
   * least, and the same of the differences to the first parameters in the same rounds.
   */
  private List<String> table() {
    List<String> lines = new ArrayList<>();
    lines.add(
        "%-44s %6s %9s %21s %9s %9s %21s"
            .formatted("benchmark", "rounds", "median", "95%", "least", "- first", "95%"));
    samples.forEach(
        (name, own) -> {
          String first = firstOf.getOrDefault(name, name);
          String line = "%-44s %6d".formatted(name, own.size()) + summary(own);
          line += " " + cell(own.stream().mapToDouble(Double::doubleValue).min().orElseThrow());
          if (!first.equals(name)) {
            line += summary(differences(own, samples.getOrDefault(first, own)));
          }
          lines.add(line);
        });
    return lines;
  }

  private static List<Double> differences(List<Double> own, List<Double> first) {
    List<Double> each = new ArrayList<>();
    for (int i = 0; i < own.size(); i++) {
      each.add(own.get(i) - first.get(i));
    }
    return each;
  }

  /** Median and interval. */
  private static String summary(List<Double> values) {
    List<Double> sorted = values.stream().sorted().toList();
    int n = sorted.size();
    double median = (sorted.get((n - 1) / 2) + sorted.get(n / 2)) / 2;
    int cut = cut(n);
    String interval =
        cut < 0
            ? " ".repeat(21)
            : "%s .. %s".formatted(cell(sorted.get(cut)), cell(sorted.get(n - 1 - cut)).strip());
    return " %s %-21s".formatted(cell(median), interval);
  }

  /**
   * How many samples at either end lie outside of the median's interval; -1 if too few are there.
   */
  private static int cut(int n) {
    BinomialDistribution below = new BinomialDistribution(n, 0.5);
    int cut = -1;
    while (2 * below.cumulativeProbability(cut + 1) <= 1 - CONFIDENCE) {
      cut++;
    }
    return cut;
  }

  private static String cell(double value) {
    return String.format(Locale.ROOT, "%9.1f", value);
  }
}
