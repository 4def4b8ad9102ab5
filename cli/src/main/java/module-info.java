/** The {@code swtdx} command. */
@org.jspecify.annotations.NullMarked
@SuppressWarnings("requires-automatic") // JLine names its module in the manifest only
module org.swtdx.cli {
  requires static org.jspecify;
  requires info.picocli;
  requires java.net.http;
  requires jdk.httpserver;
  requires org.jline;
  requires org.swtdx.attestation;
  requires org.swtdx.embedded;
  requires org.swtdx.events;
  requires org.swtdx.exec;
  requires org.swtdx.kvm;
  requires org.swtdx.vmm;
  requires tools.jackson.databind;

  opens org.swtdx.cli to
      info.picocli;
}
