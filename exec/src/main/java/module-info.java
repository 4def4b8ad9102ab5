/**
 * Lends {@code /dev/kvm} to native programs: Linux processes, descriptors, seccomp notification.
 */
@org.jspecify.annotations.NullMarked
module org.swtdx.exec {
  requires static org.jspecify;
  requires transitive org.swtdx.kvm;
  requires org.swtdx.memory;

  exports org.swtdx.exec;
}
