package org.swtdx.attestation.collateral;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.swtdx.attestation.json.JsonFields;
import org.swtdx.attestation.json.JsonFormatException;

/** Reads the parts of TCB info and QE identity. */
final class TcbInfoReader {
  private static final int MAX_SVN = 0xff;
  private static final int MAX_WIDE_SVN = 0xffff;

  private TcbInfoReader() {}

  static TcbInfo read(JsonFields info) throws JsonFormatException {
    Tee tee = tee(info);
    List<TdxModuleIdentity> modules = new ArrayList<>();
    Set<String> ids = new HashSet<>();
    if (info.has("tdxModuleIdentities")) {
      for (JsonFields module : info.objects("tdxModuleIdentities")) {
        TdxModuleIdentity identity = moduleIdentity(module);
        if (!ids.add(identity.id().toUpperCase(Locale.ROOT))) {
          throw new JsonFormatException(module.path() + " repeats the id " + identity.id());
        }
        modules.add(identity);
      }
    }
    List<TcbLevel> levels = new ArrayList<>();
    for (JsonFields level : info.objects("tcbLevels")) {
      levels.add(level(level, tee));
    }
    var tdxModule = info.optionalObject("tdxModule");
    if (tee == Tee.TDX && tdxModule.isEmpty()) {
      throw new JsonFormatException("TCB info for TDX has no tdxModule");
    }
    return new TcbInfo(
        tee,
        info.instant("issueDate"),
        info.instant("nextUpdate"),
        Fmspc.of(info.hex("fmspc", Fmspc.SIZE)),
        HexFormat.of().formatHex(info.hex("pceId", 2)),
        info.integer("tcbType", 0, 0),
        info.integer("tcbEvaluationDataNumber", 0, Integer.MAX_VALUE),
        tdxModule.isEmpty() ? Optional.empty() : Optional.of(seamIdentity(tdxModule.get())),
        modules,
        levels);
  }

  private static Tee tee(JsonFields info) throws JsonFormatException {
    String id = info.text("id");
    for (Tee tee : Tee.values()) {
      if (tee.tcbInfoId().equals(id)) {
        return tee;
      }
    }
    throw new JsonFormatException("TCB info.id is '" + id + "', neither SGX nor TDX");
  }

  private static TcbLevel level(JsonFields level, Tee tee) throws JsonFormatException {
    JsonFields tcb = level.object("tcb");
    return new TcbLevel(
        components(tcb, "sgxtcbcomponents"),
        tcb.integer("pcesvn", 0, MAX_WIDE_SVN),
        tee == Tee.TDX ? components(tcb, "tdxtcbcomponents") : List.of(),
        level.instant("tcbDate"),
        status(level),
        level.texts("advisoryIDs"));
  }

  private static List<TcbComponent> components(JsonFields tcb, String name)
      throws JsonFormatException {
    List<TcbComponent> components = new ArrayList<>(TcbLevel.COMPONENTS);
    for (JsonFields component : tcb.objects(name)) {
      components.add(
          new TcbComponent(
              component.integer("svn", 0, MAX_SVN),
              component.optionalText("category").orElse(""),
              component.optionalText("type").orElse("")));
    }
    if (components.size() != TcbLevel.COMPONENTS) {
      throw new JsonFormatException(
          "%s.%s has %d components, not %d"
              .formatted(tcb.path(), name, components.size(), TcbLevel.COMPONENTS));
    }
    return components;
  }

  private static TdxModuleIdentity moduleIdentity(JsonFields module) throws JsonFormatException {
    return new TdxModuleIdentity(module.text("id"), seamIdentity(module), svnLevels(module));
  }

  private static SeamIdentity seamIdentity(JsonFields module) throws JsonFormatException {
    return new SeamIdentity(
        HexFormat.of().formatHex(module.hex("mrsigner", 48)),
        bits(module, "attributes"),
        bits(module, "attributesMask"));
  }

  /** Eight bytes as a quote holds them: little-endian. */
  private static long bits(JsonFields module, String name) throws JsonFormatException {
    return Long.reverseBytes(ByteBuffer.wrap(module.hex(name, Long.BYTES)).getLong());
  }

  /** Reads the levels of a module or an enclave, highest first whatever the document's order is. */
  static List<SvnLevel> svnLevels(JsonFields owner) throws JsonFormatException {
    List<SvnLevel> levels = new ArrayList<>();
    for (JsonFields level : owner.objects("tcbLevels")) {
      levels.add(
          new SvnLevel(
              level.object("tcb").integer("isvsvn", 0, MAX_WIDE_SVN),
              level.instant("tcbDate"),
              status(level),
              level.texts("advisoryIDs")));
    }
    levels.sort(Comparator.comparingInt(SvnLevel::isvSvn).reversed());
    return levels;
  }

  private static TcbStatus status(JsonFields level) throws JsonFormatException {
    String label = level.text("tcbStatus");
    return TcbStatus.of(label)
        .orElseThrow(
            () -> new JsonFormatException(level.path() + ".tcbStatus is unknown: " + label));
  }
}
