package org.swtdx.attestation.eventlog;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.swtdx.attestation.bytes.Cursor;
import org.swtdx.attestation.bytes.Cursor.ShortDataException;
import org.swtdx.attestation.bytes.StructWriter;
import org.swtdx.attestation.text.Printable;

/**
 * Whether an event's SHA-384 digest is the one of its data, where the data are what was measured.
 *
 * @param verdict the answer
 * @param covers what the digest covers, for example {@code the variable's contents}
 */
public record DigestCheck(Verdict verdict, String covers) {
  /** The answer. */
  public enum Verdict {
    /** The digest is the one of what the log holds. */
    MATCHES,
    /** The digest ought to be the one of what the log holds, and isn't. */
    DIFFERS,
    /** What was measured isn't in the log: an image, a file, a table. */
    NOT_IN_LOG,
    /** The event has no SHA-384 digest. */
    NO_DIGEST
  }

  /** Something that a digest may cover. */
  private record Candidate(String covers, String sha384) {
    Candidate(String covers, byte[] bytes) {
      this(covers, Sha384.hex(bytes));
    }
  }

  private static final String DATA = "the event data";

  /** Checks one event. */
  public static DigestCheck of(LogEvent event) {
    Optional<EventDigest> digest = event.sha384();
    if (digest.isEmpty()) {
      return new DigestCheck(Verdict.NO_DIGEST, "");
    }
    if (!event.extendsRegister()) {
      return new DigestCheck(Verdict.NOT_IN_LOG, "nothing: the event extends no register");
    }
    List<Candidate> candidates = candidates(event);
    for (Candidate candidate : candidates) {
      if (candidate.sha384().equals(digest.get().hex())) {
        return new DigestCheck(Verdict.MATCHES, candidate.covers());
      }
    }
    return binding(event) && !candidates.isEmpty()
        ? new DigestCheck(Verdict.DIFFERS, candidates.getFirst().covers())
        : new DigestCheck(Verdict.NOT_IN_LOG, elsewhere(event));
  }

  /** Whether the event's type says that what was measured is in the log. */
  private static boolean binding(LogEvent event) {
    if (event.size() == 0 && event.name().isEmpty()) {
      return false; // digests without data, as some JSON forms have them
    }
    return switch (event.type().code()) {
      case 0x4,
          0x5,
          0x80000001,
          0x80000002,
          0x80000006,
          0x80000007,
          0x8000000c,
          0x800000e0,
          0x08000001 ->
          true;
      case 0x6 -> EventDecoder.decode(event) instanceof EventDetail.AgentEntry;
      case 0xd -> IplText.measuredText(event.data()).isPresent();
      default -> false;
    };
  }

  private static List<Candidate> candidates(LogEvent event) {
    byte[] data = event.data();
    List<Candidate> result = new ArrayList<>();
    switch (event.type().code()) {
      case 0x08000001 -> result.add(new Candidate("type, name and payload", dstack(event)));
      case 0x80000002 -> {
        try {
          byte[] contents = VariableDecoder.parts(data).contents();
          result.add(new Candidate("the variable's contents", contents));
        } catch (ShortDataException e) {
          // the data as a whole remain
        }
      }
      case 0xd -> {
        IplText.measuredText(data)
            .ifPresent(
                text -> {
                  result.add(new Candidate("the text", text.getBytes(UTF_8)));
                  byte[] withNul = (text + "\0").getBytes(UTF_8); // older patches of GRUB
                  result.add(new Candidate("the text and its NUL", withNul));
                });
        Printable.utf16(data)
            .filter(IplText.UKI_SECTIONS::contains)
            .ifPresent(
                name ->
                    result.add(new Candidate("the section's name", (name + "\0").getBytes(UTF_8))));
      }
      case 0x6 -> {
        Cursor cursor = new Cursor(data);
        try {
          cursor.skip(4, "a tag");
          result.add(new Candidate("the tagged data", cursor.bytes(cursor.u32("a size"), "data")));
        } catch (ShortDataException e) {
          // the data as a whole remain
        }
      }
      default -> {
        // the data as a whole
      }
    }
    result.add(new Candidate(DATA, data));
    return result;
  }

  /** What dstack measures: type, a colon, name, a colon, payload. */
  private static byte[] dstack(LogEvent event) {
    byte[] name = (":" + event.name() + ":").getBytes(StandardCharsets.UTF_8);
    return new StructWriter()
        .u32(event.type().code())
        .bytes(name)
        .bytes(event.data())
        .toByteArray();
  }

  private static String elsewhere(LogEvent event) {
    return switch (event.type().code()) {
      case 0x80000003, 0x80000004, 0x80000005 -> "the image's Authenticode hash";
      case 0x80000008, 0x8000000a -> "the firmware blob";
      case 0x80000009, 0x8000000b -> "the tables";
      case 0xa -> "the configuration";
      case 0xd -> "what the text names";
      case 0x6 -> "what the tag names";
      default -> "something that is not in the log";
    };
  }
}
