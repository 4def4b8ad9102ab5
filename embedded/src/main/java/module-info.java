/** The Trust Domain that the product brings along: a small TDVF image, assembled at build time. */
@org.jspecify.annotations.NullMarked
module org.swtdx.embedded {
  requires static org.jspecify;

  exports org.swtdx.embedded;
}
