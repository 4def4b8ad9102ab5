package org.swtdx.attestation.eventlog;

import java.util.List;
import java.util.UUID;

/** What an event's data say. Texts have no control characters. */
public sealed interface EventDetail {
  /** One line for people. */
  String summary();

  /**
   * A UEFI variable.
   *
   * @param guid the vendor GUID
   * @param name its name
   * @param bytes bytes of its contents
   * @param contents what they say, or hexadecimal digits
   */
  record Variable(UUID guid, String name, int bytes, String contents) implements EventDetail {
    @Override
    public String summary() {
      return name + (contents.isEmpty() ? "" : ": " + contents);
    }
  }

  /**
   * A text.
   *
   * @param writer who writes such texts, for example {@code GRUB command}
   * @param text the text
   */
  record Text(String writer, String text) implements EventDetail {
    @Override
    public String summary() {
      return writer.isEmpty() ? text : writer + ": " + text;
    }
  }

  /**
   * A separator.
   *
   * @param value 0, 0xffffffff for none reached, 1 for an error
   */
  record Separator(long value) implements EventDetail {
    @Override
    public String summary() {
      return value == 0 ? "separator" : "separator 0x%08x".formatted(value);
    }
  }

  /**
   * Tables handed over.
   *
   * @param description the description, for example {@code TdxTable}
   * @param tables GUID and guest physical address of each
   */
  record Tables(String description, List<Table> tables) implements EventDetail {
    /** Copies the list. */
    public Tables {
      tables = List.copyOf(tables);
    }

    @Override
    public String summary() {
      StringBuilder text = new StringBuilder(description);
      tables.forEach(t -> text.append(" %s at 0x%x".formatted(t.guid(), t.address())));
      return text.toString().strip();
    }

    /**
     * One table.
     *
     * @param guid its GUID
     * @param address its address
     */
    public record Table(UUID guid, long address) {}
  }

  /**
   * A piece of firmware.
   *
   * @param description the description, for example {@code Fv(GUID)}
   * @param base guest physical address
   * @param length bytes
   */
  record FirmwareBlob(String description, long base, long length) implements EventDetail {
    @Override
    public String summary() {
      return "%s at 0x%x, 0x%x bytes".formatted(description, base, length).strip();
    }
  }

  /**
   * An image that firmware loaded.
   *
   * @param address where it was in memory
   * @param length its bytes
   * @param linkAddress the address it was linked for
   * @param devicePath where it was loaded from, in UEFI's text form
   */
  record Image(long address, long length, long linkAddress, String devicePath)
      implements EventDetail {
    @Override
    public String summary() {
      return (devicePath.isEmpty() ? "image" : devicePath) + " (" + length + " bytes)";
    }
  }

  /**
   * A GUID partition table.
   *
   * @param disk the disk's GUID
   * @param partitions its partitions
   */
  record PartitionTable(UUID disk, List<Partition> partitions) implements EventDetail {
    /** Copies the list. */
    public PartitionTable {
      partitions = List.copyOf(partitions);
    }

    @Override
    public String summary() {
      StringBuilder text = new StringBuilder("disk " + disk);
      partitions.forEach(
          p ->
              text.append(
                  ", %s%d..%d"
                      .formatted(p.name().isEmpty() ? "" : p.name() + " ", p.first(), p.last())));
      return text.toString();
    }

    /**
     * One partition.
     *
     * @param type its type's GUID
     * @param guid its own GUID
     * @param first its first block
     * @param last its last block
     * @param name its name
     */
    public record Partition(UUID type, UUID guid, long first, long last, String name) {}
  }

  /**
   * Tagged data.
   *
   * @param tag the tag
   * @param meaning who uses the tag for what, or nothing
   * @param text the data as text, or hexadecimal digits
   */
  record Tagged(long tag, String meaning, String text) implements EventDetail {
    @Override
    public String summary() {
      return (meaning.isEmpty() ? "tag 0x%08x".formatted(tag) : meaning)
          + (text.isEmpty() ? "" : ": " + text);
    }
  }

  /**
   * An entry of a guest agent.
   *
   * @param domain whose event it is
   * @param operation what happened
   * @param content with what
   */
  record AgentEntry(String domain, String operation, String content) implements EventDetail {
    @Override
    public String summary() {
      return domain + " " + operation + " " + content;
    }
  }

  /**
   * A named payload, as of dstack.
   *
   * @param name the name
   * @param payload the payload as text, or hexadecimal digits
   */
  record NamedPayload(String name, String payload) implements EventDetail {
    @Override
    public String summary() {
      return payload.isEmpty() ? name : name + ": " + payload;
    }
  }

  /**
   * Data that are not taken apart.
   *
   * @param reason why not, or nothing
   * @param preview the first bytes as text or hexadecimal digits
   */
  record Opaque(String reason, String preview) implements EventDetail {
    @Override
    public String summary() {
      return reason.isEmpty() ? preview : (reason + " " + preview).strip();
    }
  }
}
