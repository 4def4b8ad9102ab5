package org.swtdx.cli;

import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.swtdx.attestation.verify.QuoteVerifier;
import org.swtdx.attestation.verify.Verdict;

/** Verifies quotes on all processors and prints the verdicts in the order of the quotes. */
final class QuoteRun {
  private static final int BATCH = 64;

  private final QuoteVerifier verifier;
  private final Instant moment;
  private final PrintWriter out;
  private final PrintWriter err;
  private final boolean json;
  private final boolean many;
  private final VerdictCount count = new VerdictCount();

  /** A verdict and the quote's name. */
  private record Result(String name, Verdict verdict) {}

  QuoteRun(
      QuoteVerifier verifier,
      Instant moment,
      PrintWriter out,
      PrintWriter err,
      boolean json,
      boolean many) {
    this.verifier = verifier;
    this.moment = moment;
    this.out = out;
    this.err = err;
    this.json = json;
    this.many = many;
  }

  /** Verifies all quotes; returns the exit status. */
  int verify(List<Path> paths, InputStream standardInput)
      throws InputException, InterruptedException {
    int workers = many ? Runtime.getRuntime().availableProcessors() : 1;
    Progress progress = new Progress(err, many);
    try (ExecutorService pool = Executors.newFixedThreadPool(workers)) {
      Queue<Future<List<Result>>> pending = new ArrayDeque<>();
      List<QuoteInput.Named> batch = new ArrayList<>(BATCH);
      try {
        QuoteInput.read(
            paths,
            standardInput,
            quote -> {
              batch.add(quote);
              if (batch.size() == BATCH) {
                submit(pool, pending, batch);
                while (pending.size() > 4 * workers) {
                  print(pending.remove(), progress);
                }
              }
            });
      } finally {
        submit(pool, pending, batch);
        while (!pending.isEmpty()) {
          print(pending.remove(), progress);
        }
        progress.end(count);
      }
    }
    return count.exitStatus();
  }

  private void submit(
      ExecutorService pool, Queue<Future<List<Result>>> pending, List<QuoteInput.Named> batch) {
    List<QuoteInput.Named> quotes = List.copyOf(batch);
    batch.clear();
    pending.add(
        pool.submit(
            () ->
                quotes.stream()
                    .map(quote -> new Result(quote.name(), verifier.verify(quote.bytes(), moment)))
                    .toList()));
  }

  private void print(Future<List<Result>> future, Progress progress) throws InterruptedException {
    List<Result> results;
    try {
      results = future.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    }
    for (Result result : results) {
      count.add(result.verdict());
      print(result);
    }
    progress.show(count);
  }

  private void print(Result result) {
    if (json && many) {
      out.println(JsonDocument.line(VerdictOutput.json(result.name(), result.verdict())));
    } else if (json) {
      out.print(JsonDocument.text(VerdictOutput.json(result.name(), result.verdict())));
    } else if (many) {
      out.println(VerdictOutput.line(result.name(), result.verdict()));
    } else {
      VerdictOutput.text(out, result.name(), result.verdict());
    }
  }
}
