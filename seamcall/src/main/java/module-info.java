/** Typed TDH.* wrappers over the SEAMCALL port that the TDX module provides. */
@org.jspecify.annotations.NullMarked
module org.swtdx.seamcall {
  requires static org.jspecify;
  requires transitive org.swtdx.cpu;
  requires org.swtdx.events;

  exports org.swtdx.seamcall;
  exports org.swtdx.seamcall.port;

  uses org.swtdx.seamcall.port.SeamProvider;
}
