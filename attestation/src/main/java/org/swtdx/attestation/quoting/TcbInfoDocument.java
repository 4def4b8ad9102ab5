package org.swtdx.attestation.quoting;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * TCB info of this platform, version 3 for TDX (Intel PCS API v4, "Get TDX TCB Info"): the text
 * that is signed, without white space.
 */
final class TcbInfoDocument {
  private static final ObjectMapper MAPPER = JsonMapper.builder().build();
  private static final String NO_SIGNER = "0".repeat(96);
  private static final String CURRENT = "2025-01-01T00:00:00Z";
  private static final String ANCIENT = "2018-01-01T00:00:00Z";
  private static final String[] SGX_CATEGORIES = {
    "BIOS/Early Microcode Update",
    "OS\\VMM/SGX Late Microcode Update",
    "OS\\VMM/TXT SINIT",
    "BIOS/",
    "BIOS/",
    "BIOS/",
    "",
    "OS\\VMM/SEAMLDR ACM"
  };
  private static final String[] TDX_CATEGORIES = {
    "OS\\VMM/TDX Module", "OS\\VMM/TDX Module", "OS\\VMM/TDX Late Microcode Update"
  };

  private final PkiState state;
  private final Instant issued;

  TcbInfoDocument(PkiState state, Instant issued) {
    this.state = state;
    this.issued = issued;
  }

  String text() {
    ObjectNode root = MAPPER.createObjectNode();
    root.put("id", "TDX").put("version", 3);
    CollateralDates.put(root, issued, state);
    root.put("fmspc", PlatformTcb.FMSPC).put("pceId", PlatformTcb.PCE_ID);
    root.put("tcbType", 0).put("tcbEvaluationDataNumber", state.serial());
    identity(root.putObject("tdxModule"));
    ObjectNode module = root.putArray("tdxModuleIdentities").addObject();
    module.put("id", "TDX_0" + PlatformTcb.TDX.get(1));
    identity(module);
    TcbLevels.putIsvSvn(
        module, PlatformTcb.TDX.getFirst(), state.lowered().get(TcbPart.MODULE), issued);
    platformLevels(root.putArray("tcbLevels"));
    return MAPPER.writeValueAsString(root);
  }

  private static void identity(ObjectNode module) {
    module.put("mrsigner", NO_SIGNER);
    module.put("attributes", "0".repeat(16)).put("attributesMask", "F".repeat(16));
  }

  private void platformLevels(ArrayNode levels) {
    @Nullable TcbLowering lowering = state.lowered().get(TcbPart.PLATFORM);
    if (lowering == null) {
      level(levels, PlatformTcb.SGX, PlatformTcb.PCE_SVN, CURRENT, "UpToDate", List.of());
    } else {
      if (lowering.isSuperseded()) {
        List<Integer> newer = new ArrayList<>(PlatformTcb.SGX);
        newer.set(0, newer.getFirst() + 1);
        level(levels, newer, PlatformTcb.PCE_SVN, TcbLevels.day(issued), "UpToDate", List.of());
      }
      level(
          levels,
          PlatformTcb.SGX,
          PlatformTcb.PCE_SVN,
          CURRENT,
          lowering.status().label(),
          lowering.advisoryIds());
    }
    List<Integer> old = new ArrayList<>(PlatformTcb.SGX);
    old.replaceAll(svn -> Math.max(0, svn - 1));
    level(levels, old, PlatformTcb.PCE_SVN - 1, ANCIENT, "OutOfDate", List.of());
  }

  private static void level(
      ArrayNode levels,
      List<Integer> sgx,
      int pceSvn,
      String date,
      String status,
      List<String> advisoryIds) {
    ObjectNode level = levels.addObject();
    ObjectNode tcb = level.putObject("tcb");
    components(tcb.putArray("sgxtcbcomponents"), sgx, SGX_CATEGORIES);
    tcb.put("pcesvn", pceSvn);
    List<Integer> tdx = new ArrayList<>(PlatformTcb.TDX);
    tdx.set(1, 0); // the major version of the module selects its identity and has no level
    components(tcb.putArray("tdxtcbcomponents"), tdx, TDX_CATEGORIES);
    TcbLevels.putStatus(level, date, status, advisoryIds);
  }

  private static void components(ArrayNode array, List<Integer> versions, String[] categories) {
    for (int i = 0; i < versions.size(); i++) {
      ObjectNode component = array.addObject().put("svn", versions.get(i));
      if (i < categories.length && !categories[i].isEmpty()) {
        int slash = categories[i].indexOf('/');
        component.put("category", categories[i].substring(0, slash).replace('\\', '/'));
        String type = categories[i].substring(slash + 1);
        if (!type.isEmpty()) {
          component.put("type", type);
        }
      }
    }
  }
}
