package org.swtdx.attestation.pcs;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URLDecoder;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Gets answers over HTTP: bounded in time and size, and again when that may help. */
final class PcsHttp {
  private static final int OK = 200;

  private final HttpClient client;
  private final PcsOptions options;
  private final InstantSource clock;

  PcsHttp(HttpClient client, PcsOptions options, InstantSource clock) {
    this.client = client;
    this.options = options;
    this.clock = clock;
  }

  /** What one attempt came to. */
  private sealed interface Attempt {
    record Answered(PcsAnswer answer) implements Attempt {}

    /** It may go better later: after {@code pause} if the service says so. */
    record Again(PcsException why, Optional<Duration> pause) implements Attempt {}
  }

  PcsAnswer get(PcsRequest request) throws PcsException {
    Duration pause = options.firstPause();
    for (int attempt = 1; ; attempt++) {
      switch (attempt(request)) {
        case Attempt.Answered answered -> {
          return answered.answer();
        }
        case Attempt.Again again -> {
          Duration wanted = again.pause().orElse(pause);
          if (attempt == options.attempts() || wanted.compareTo(options.longestPause()) > 0) {
            throw new PcsException(
                again.why().getMessage()
                    + (attempt > 1 ? ", at the last of " + attempt + " attempts" : "")
                    + again
                        .pause()
                        .map(time -> "; it wants " + time.toSeconds() + " s of peace")
                        .orElse(""),
                again.why());
          }
          sleep(wanted);
          Duration doubled = pause.multipliedBy(2);
          pause = doubled.compareTo(options.longestPause()) > 0 ? options.longestPause() : doubled;
        }
      }
    }
  }

  private Attempt attempt(PcsRequest request) throws PcsException {
    HttpRequest http =
        HttpRequest.newBuilder(request.uri())
            .timeout(options.timeout())
            .header("Accept", "*/*")
            .GET()
            .build();
    // The client's timeout ends with the headers; this one with the last byte of the body.
    CompletableFuture<HttpResponse<byte[]>> response =
        client.sendAsync(
            http, BodyHandlers.limiting(BodyHandlers.ofByteArray(), options.largestAnswer()));
    try {
      return judge(request, response.get(options.timeout().toMillis(), TimeUnit.MILLISECONDS));
    } catch (TimeoutException e) {
      response.cancel(true);
      return late(request, e);
    } catch (ExecutionException e) {
      return failed(request, e.getCause() == null ? e : e.getCause());
    } catch (InterruptedException e) {
      response.cancel(true);
      Thread.currentThread().interrupt();
      throw new PcsException("interrupted while waiting for the " + request.what(), e);
    }
  }

  private Attempt late(PcsRequest request, Throwable cause) {
    return again(
        request, "no whole answer within " + options.timeout().toMillis() / 1000.0 + " s", cause);
  }

  private Attempt failed(PcsRequest request, Throwable cause) throws PcsException {
    if (cause instanceof HttpTimeoutException) {
      return late(request, cause);
    }
    if (cause instanceof IOException && tooLarge(cause)) {
      throw failure(request, "more than " + options.largestAnswer() + " bytes", cause);
    }
    if (cause instanceof javax.net.ssl.SSLException) {
      throw failure(request, "TLS fails: " + cause.getMessage(), cause);
    }
    if (cause instanceof ConnectException) {
      return again(request, "nobody answers there", cause);
    }
    String why = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    return again(request, why, cause);
  }

  /** The limiting body handler has a message of its own for it, and no type. */
  private static boolean tooLarge(Throwable cause) {
    return cause.getMessage() != null && cause.getMessage().contains("exceeds capacity");
  }

  private Attempt judge(PcsRequest request, HttpResponse<byte[]> response) throws PcsException {
    int status = response.statusCode();
    return switch (status) {
      case OK ->
          new Attempt.Answered(
              new PcsAnswer(response.body(), issuerChain(request, response.headers())));
      case 408, 429, 500, 502, 503, 504 ->
          new Attempt.Again(
              failure(request, "status " + status, null), retryAfter(response.headers()));
      case 400 -> throw failure(request, "status 400: it does not understand the request", null);
      case 401, 403 -> throw failure(request, "status " + status + ": it wants a key", null);
      case 404 -> throw failure(request, "status 404: it has none", null);
      case 410 ->
          throw failure(request, "status 410: none any more for that evaluation data number", null);
      default -> throw failure(request, "status " + status, null);
    };
  }

  private Optional<Duration> retryAfter(HttpHeaders headers) {
    return headers.firstValue("Retry-After").flatMap(this::pause);
  }

  /** A number of seconds, or a date. */
  private Optional<Duration> pause(String text) {
    try {
      if (text.strip().matches("\\d{1,9}")) {
        return Optional.of(Duration.ofSeconds(Long.parseLong(text.strip())));
      }
      Instant then =
          ZonedDateTime.parse(text.strip(), DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
      Duration until = Duration.between(clock.instant(), then);
      return Optional.of(until.isNegative() ? Duration.ZERO : until);
    } catch (DateTimeException e) {
      return Optional.empty(); // a header that nobody can read is none
    }
  }

  private static Optional<String> issuerChain(PcsRequest request, HttpHeaders headers)
      throws PcsException {
    if (request.chainHeaders().isEmpty()) {
      return Optional.empty();
    }
    for (String name : request.chainHeaders()) {
      Optional<String> value = headers.firstValue(name);
      if (value.isPresent()) {
        return Optional.of(decoded(request, value.get()));
      }
    }
    throw failure(request, "no header " + request.chainHeaders().getFirst(), null);
  }

  /** Percent-encoded PEM; a plus is itself, unless blanks were written as pluses. */
  private static String decoded(PcsRequest request, String value) throws PcsException {
    try {
      String text = value.contains("BEGIN+CERTIFICATE") ? value : value.replace("+", "%2B");
      return URLDecoder.decode(text, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw failure(request, "a header with the issuer chain that cannot be decoded", e);
    }
  }

  private static Attempt again(PcsRequest request, String why, Throwable cause) {
    return new Attempt.Again(failure(request, why, cause), Optional.empty());
  }

  private static PcsException failure(
      PcsRequest request, String why, @org.jspecify.annotations.Nullable Throwable cause) {
    String text = "no " + request.what() + " from " + request.uri().getAuthority() + ": " + why;
    return cause == null ? new PcsException(text) : new PcsException(text, cause);
  }

  private static void sleep(Duration pause) throws PcsException {
    try {
      Thread.sleep(pause);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new PcsException("interrupted between two attempts", e);
    }
  }
}
