package org.swtdx.attestation.quoting;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The state of a TEST PKI as the file {@code state.json} holds it. */
final class PkiStateJson {
  private static final int VERSION = 1;
  private static final ObjectMapper MAPPER =
      JsonMapper.builder()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .build();

  private PkiStateJson() {}

  static String write(PkiState state) {
    ObjectNode root = MAPPER.createObjectNode();
    root.put("version", VERSION);
    root.put("serial", state.serial());
    ArrayNode revoked = root.putArray("revoked");
    state.revoked().stream().sorted().forEach(role -> revoked.add(role.label()));
    ObjectNode lowered = root.putObject("lowered");
    for (TcbPart part : TcbPart.values()) {
      @Nullable TcbLowering lowering = state.lowered().get(part);
      if (lowering != null) {
        ObjectNode entry = lowered.putObject(part.label());
        entry.put("tcbStatus", lowering.status().label());
        ArrayNode ids = entry.putArray("advisoryIDs");
        lowering.advisoryIds().forEach(ids::add);
      }
    }
    state.issued().ifPresent(time -> root.put("issued", time.toString()));
    root.put("validity", state.validity().toString());
    return MAPPER.writeValueAsString(root) + "\n";
  }

  /**
   * Reads a state.
   *
   * @throws IllegalArgumentException when the text is none, with the reason
   */
  static PkiState read(String text) {
    try {
      JsonNode root = MAPPER.readTree(text);
      require(root.path("version").asInt(0) == VERSION, "its version is not " + VERSION);
      Set<PkiRole> revoked = EnumSet.noneOf(PkiRole.class);
      for (JsonNode role : root.path("revoked")) {
        revoked.add(named(PkiRole.values(), PkiRole::label, role.asString("")));
      }
      Map<TcbPart, TcbLowering> lowered = new EnumMap<>(TcbPart.class);
      for (Map.Entry<String, JsonNode> entry : root.path("lowered").properties()) {
        List<String> ids = new ArrayList<>();
        entry.getValue().path("advisoryIDs").forEach(id -> ids.add(id.asString("")));
        lowered.put(
            named(TcbPart.values(), TcbPart::label, entry.getKey()),
            TcbLowering.of(entry.getValue().path("tcbStatus").asString(""), ids));
      }
      JsonNode issued = root.path("issued");
      int serial = root.path("serial").asInt(0);
      require(serial > 0, "its serial is not a positive number");
      return new PkiState(
          revoked,
          lowered,
          serial,
          issued.isMissingNode() ? Optional.empty() : Optional.of(Instant.parse(issued.asString())),
          Duration.parse(root.path("validity").asString("")));
    } catch (JacksonException e) {
      throw new IllegalArgumentException("it is no JSON: " + e.getOriginalMessage(), e);
    } catch (DateTimeException e) {
      throw new IllegalArgumentException(String.valueOf(e.getMessage()), e);
    }
  }

  private static <T> T named(T[] values, Function<T, String> label, String name) {
    return Arrays.stream(values)
        .filter(value -> label.apply(value).equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("it names an unknown \"" + name + "\""));
  }

  private static void require(boolean condition, String otherwise) {
    if (!condition) {
      throw new IllegalArgumentException(otherwise);
    }
  }
}
