/** The event stream every layer writes to and the command line reads from. */
@org.jspecify.annotations.NullMarked
module org.swtdx.events {
  requires static org.jspecify;
  requires jdk.jfr;

  exports org.swtdx.events;
}
