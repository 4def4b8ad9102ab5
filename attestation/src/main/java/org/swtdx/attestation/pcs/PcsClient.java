package org.swtdx.attestation.pcs;

import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.swtdx.attestation.collateral.Collateral;
import org.swtdx.attestation.collateral.CollateralException;
import org.swtdx.attestation.collateral.CollateralRequest;
import org.swtdx.attestation.collateral.CollateralSource;
import org.swtdx.attestation.collateral.QeIdentity;
import org.swtdx.attestation.collateral.SignedDocument;
import org.swtdx.attestation.collateral.TcbInfo;
import org.swtdx.attestation.collateral.Tee;
import org.swtdx.attestation.pcs.PcsCache.Entry;
import org.swtdx.attestation.x509.CertificateFormatException;
import org.swtdx.attestation.x509.RevocationList;

/**
 * Collateral from a provisioning certification service or a cache of one. Answers that are valid
 * and not too old come from the cache on disk; when the service fails, those that are still valid
 * do. Thread-safe.
 */
public final class PcsClient implements CollateralSource {
  private static final byte SEQUENCE = 0x30; // the tag that DER begins with

  private final PcsOptions options;
  private final InstantSource clock;
  private final Consumer<String> remarks;
  private final @Nullable PcsCache cache;
  private final @Nullable PcsHttp http;

  private PcsClient(
      PcsOptions options,
      InstantSource clock,
      Consumer<String> remarks,
      @Nullable PcsCache cache,
      @Nullable PcsHttp http) {
    this.options = options;
    this.clock = clock;
    this.remarks = remarks;
    this.cache = cache;
    this.http = http;
  }

  /**
   * Creates a client that asks a service.
   *
   * @param http connects; redirections should stay off, as services have none
   * @param cache directory of answers; empty to keep none
   * @param clock tells what is still valid
   * @param remarks hears what went wrong without consequence
   */
  public static PcsClient online(
      HttpClient http,
      PcsOptions options,
      Optional<Path> cache,
      InstantSource clock,
      Consumer<String> remarks) {
    return new PcsClient(
        options,
        clock,
        remarks,
        cache.map(PcsCache::new).orElse(null),
        new PcsHttp(http, options, clock));
  }

  /** Creates a client that asks nobody and gives what the cache holds, valid or not. */
  public static PcsClient offline(PcsOptions options, Path cache) {
    return new PcsClient(options, InstantSource.system(), _ -> {}, new PcsCache(cache), null);
  }

  /** Takes an answer apart, checks that it is about what was asked for, and tells its end. */
  @FunctionalInterface
  private interface Reader<T> {
    Read<T> read(PcsAnswer answer) throws CollateralException;
  }

  /** What an answer says, and until when. */
  private record Read<T>(T value, PcsAnswer answer, Instant nextUpdate) {}

  @Override
  public Collateral collateral(CollateralRequest request) throws CollateralException {
    Tee tee = request.tee();
    Read<SignedDocument> tcb =
        get(PcsRequest.tcbInfo(options, tee, request.fmspc()), answer -> tcbInfo(answer, request));
    Read<SignedDocument> qe =
        get(PcsRequest.qeIdentity(options, tee), answer -> qeIdentity(answer, tee));
    Read<byte[]> pck = get(PcsRequest.pckCrl(options, request.pckCa()), PcsClient::list);
    Read<byte[]> root = get(PcsRequest.rootCrl(options), PcsClient::list);
    return new Collateral(
        root.value(),
        pck.value(),
        pck.answer().issuerChain(),
        tcb.value(),
        chain(tcb),
        qe.value(),
        chain(qe),
        Optional.empty());
  }

  private static String chain(Read<?> read) {
    return read.answer().issuerChain().orElse("");
  }

  /** What an answer in the cache says, and when it came. */
  private record Kept<T>(Read<T> read, Instant fetched) {}

  private <T> Read<T> get(PcsRequest request, Reader<T> reader) throws CollateralException {
    Optional<Kept<T>> kept = kept(request, reader);
    Instant now = clock.instant();
    if (http == null) {
      return kept.orElseThrow(
              () ->
                  new CollateralException(
                      "the cache has no "
                          + request.what()
                          + "; fetch it while the service can be reached"))
          .read();
    }
    if (kept.isPresent() && isFresh(kept.get(), now)) {
      return kept.get().read();
    }
    try {
      PcsAnswer answer = http.get(request);
      Read<T> read = reader.read(answer);
      keep(request, new Entry(answer, now, read.nextUpdate()));
      return read;
    } catch (PcsException e) {
      if (kept.isPresent() && kept.get().read().nextUpdate().isAfter(now)) {
        remarks.accept(e.getMessage() + "; using the one of " + kept.get().fetched());
        return kept.get().read();
      }
      throw new CollateralException(String.valueOf(e.getMessage()), e);
    } catch (CollateralException e) {
      throw new CollateralException(
          "the "
              + request.what()
              + " from "
              + request.uri().getAuthority()
              + " cannot be used: "
              + e.getMessage(),
          e);
    }
  }

  /** An answer in the cache, if there is one that still makes sense. */
  private <T> Optional<Kept<T>> kept(PcsRequest request, Reader<T> reader) {
    Optional<Entry> entry = cache == null ? Optional.empty() : cache.get(request.uri());
    if (entry.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(new Kept<>(reader.read(entry.get().answer()), entry.get().fetched()));
    } catch (CollateralException e) {
      remarks.accept("passing over the " + request.what() + " in the cache: " + e.getMessage());
      return Optional.empty();
    }
  }

  private boolean isFresh(Kept<?> kept, Instant now) {
    return now.isBefore(kept.read().nextUpdate())
        && now.isBefore(kept.fetched().plus(options.longestAge()));
  }

  private void keep(PcsRequest request, Entry entry) {
    if (cache != null) {
      try {
        cache.put(request.uri(), entry);
      } catch (IOException e) {
        remarks.accept("cannot keep the " + request.what() + " in the cache: " + e);
      }
    }
  }

  private static Read<SignedDocument> tcbInfo(PcsAnswer answer, CollateralRequest request)
      throws CollateralException {
    SignedDocument document = SignedDocument.ofTcbInfoResponse(answer.body());
    TcbInfo info = TcbInfo.parse(document.body());
    if (info.tee() != request.tee() || !info.fmspc().equals(request.fmspc())) {
      throw new CollateralException(
          "it is about %s and FMSPC %s".formatted(info.tee(), info.fmspc()));
    }
    return new Read<>(document, answer, info.nextUpdate());
  }

  private static Read<SignedDocument> qeIdentity(PcsAnswer answer, Tee tee)
      throws CollateralException {
    SignedDocument document = SignedDocument.ofQeIdentityResponse(answer.body());
    QeIdentity identity = QeIdentity.parse(document.body());
    if (!identity.id().equals(tee.qeIdentityId())) {
      throw new CollateralException("it is about the enclave " + identity.id());
    }
    return new Read<>(document, answer, identity.nextUpdate());
  }

  /** A revocation list in DER, or in hexadecimal, as PCCS gives the root's. */
  private static Read<byte[]> list(PcsAnswer answer) throws CollateralException {
    byte[] der = answer.body();
    try {
      if (der.length == 0 || der[0] != SEQUENCE) {
        der = HexFormat.of().parseHex(new String(der, StandardCharsets.US_ASCII).strip());
      }
      return new Read<>(der, answer, RevocationList.parse(der).nextUpdate());
    } catch (CertificateFormatException | IllegalArgumentException e) {
      throw new CollateralException(String.valueOf(e.getMessage()), e);
    }
  }
}
