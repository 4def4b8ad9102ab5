/** The x86-64 processor: decode, execute, page, fault, exit. */
@org.jspecify.annotations.NullMarked
module org.swtdx.cpu {
  requires static org.jspecify;
  requires transitive org.swtdx.memory;
  requires org.swtdx.events;

  exports org.swtdx.cpu;
}
