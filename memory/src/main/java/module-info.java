/** Host physical memory: frames, KeyIDs, ownership and integrity per cache line. */
@org.jspecify.annotations.NullMarked
@SuppressWarnings("module") // the modules exported to come later in the build
module org.swtdx.memory {
  requires static org.jspecify;
  requires org.swtdx.events;

  exports org.swtdx.memory;
  exports org.swtdx.memory.seam to
      org.swtdx.cpu,
      org.swtdx.tdxmodule;
}
