/** TDVF metadata, MRTD, TDREPORT, quotes and their verification; stands alone. */
@org.jspecify.annotations.NullMarked
module org.swtdx.attestation {
  requires static org.jspecify;
  requires transitive java.net.http;
  requires org.bouncycastle.pkix;
  requires org.bouncycastle.provider;
  requires org.tukaani.xz;
  requires transitive tools.jackson.databind;

  exports org.swtdx.attestation.collateral;
  exports org.swtdx.attestation.crypto;
  exports org.swtdx.attestation.eventlog;
  exports org.swtdx.attestation.mrtd;
  exports org.swtdx.attestation.offline;
  exports org.swtdx.attestation.pcs;
  exports org.swtdx.attestation.policy;
  exports org.swtdx.attestation.qgs;
  exports org.swtdx.attestation.predict;
  exports org.swtdx.attestation.quote;
  exports org.swtdx.attestation.quoting;
  exports org.swtdx.attestation.report;
  exports org.swtdx.attestation.tdvf;
  exports org.swtdx.attestation.text;
  exports org.swtdx.attestation.verify;
  exports org.swtdx.attestation.x509;
}
