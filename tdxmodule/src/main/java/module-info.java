/** The TDX module: everything a Trust Domain owns. It exports nothing; it answers SEAMCALLs. */
@org.jspecify.annotations.NullMarked
module org.swtdx.tdxmodule {
  requires static org.jspecify;
  requires org.swtdx.cpu;
  requires org.swtdx.events;
  requires org.swtdx.memory;
  requires org.swtdx.seamcall;
  requires tools.jackson.databind;

  provides org.swtdx.seamcall.port.SeamProvider with
      org.swtdx.tdxmodule.TdxModuleProvider;
}
