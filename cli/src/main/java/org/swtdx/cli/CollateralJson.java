package org.swtdx.cli;

import java.util.List;
import org.swtdx.attestation.collateral.QeIdentity;
import org.swtdx.attestation.collateral.SvnLevel;
import org.swtdx.attestation.collateral.TcbComponent;
import org.swtdx.attestation.collateral.TcbInfo;
import org.swtdx.attestation.collateral.TcbLevel;
import org.swtdx.attestation.collateral.TdxModuleIdentity;
import org.swtdx.attestation.x509.Certificate;
import org.swtdx.attestation.x509.RevocationList;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Collateral as JSON. */
final class CollateralJson {
  private CollateralJson() {}

  static void put(ObjectNode node, TcbInfo info) {
    node.put("id", info.tee().tcbInfoId());
    node.put("fmspc", info.fmspc().hex());
    node.put("pceId", info.pceId());
    node.put("tcbEvaluationDataNumber", info.tcbEvaluationDataNumber());
    node.put("issueDate", info.issueDate().toString());
    node.put("nextUpdate", info.nextUpdate().toString());
    ArrayNode modules = node.putArray("tdxModuleIdentities");
    for (TdxModuleIdentity module : info.tdxModuleIdentities()) {
      ObjectNode item = modules.addObject();
      item.put("id", module.id());
      put(item.putArray("tcbLevels"), module.levels());
    }
    ArrayNode levels = node.putArray("tcbLevels");
    for (TcbLevel level : info.tcbLevels()) {
      ObjectNode item = levels.addObject();
      item.put("status", level.status().label());
      item.put("tcbDate", level.tcbDate().toString());
      components(item.putArray("sgxComponents"), level.sgxComponents());
      item.put("pceSvn", level.pceSvn());
      components(item.putArray("tdxComponents"), level.tdxComponents());
      level.advisories().forEach(item.putArray("advisories")::add);
    }
  }

  private static void components(ArrayNode node, List<TcbComponent> components) {
    components.forEach(component -> node.add(component.svn()));
  }

  private static void put(ArrayNode node, List<SvnLevel> levels) {
    for (SvnLevel level : levels) {
      ObjectNode item = node.addObject();
      item.put("status", level.status().label());
      item.put("tcbDate", level.tcbDate().toString());
      item.put("isvSvn", level.isvSvn());
      level.advisories().forEach(item.putArray("advisories")::add);
    }
  }

  static void put(ObjectNode node, QeIdentity identity) {
    node.put("id", identity.id());
    node.put("mrSigner", identity.mrSigner());
    node.put("isvProdId", identity.isvProdId());
    node.put("tcbEvaluationDataNumber", identity.tcbEvaluationDataNumber());
    node.put("issueDate", identity.issueDate().toString());
    node.put("nextUpdate", identity.nextUpdate().toString());
    put(node.putArray("tcbLevels"), identity.tcbLevels());
  }

  static void put(ObjectNode node, RevocationList list) {
    node.put("issuer", list.issuer().toString());
    node.put("number", list.number().toString());
    node.put("thisUpdate", list.thisUpdate().toString());
    node.put("nextUpdate", list.nextUpdate().toString());
    ArrayNode revoked = node.putArray("revoked");
    list.revoked().stream().sorted().forEach(serial -> revoked.add(serial.toString(16)));
  }

  static void put(ObjectNode node, Certificate certificate) {
    node.put("subject", certificate.subject().toString());
    node.put("issuer", certificate.issuer().toString());
    node.put("serialNumber", certificate.serialNumber().toString(16));
    node.put("notBefore", certificate.notBefore().toString());
    node.put("notAfter", certificate.notAfter().toString());
  }
}
