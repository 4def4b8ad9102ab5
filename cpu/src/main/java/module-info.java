/** The x86-64 processor: decode, execute, page, fault, exit. */
@org.jspecify.annotations.NullMarked
@SuppressWarnings("module") // the modules exported to come later in the build
module org.swtdx.cpu {
  requires static org.jspecify;
  requires transitive org.swtdx.memory;
  requires transitive org.swtdx.events;

  exports org.swtdx.cpu;
  exports org.swtdx.cpu.seam to
      org.swtdx.tdxmodule;
}
