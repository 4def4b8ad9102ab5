package org.swtdx.cli;

/** The version of this source tree; a test holds it to the build's. */
final class BuildVersion {
  static final String VERSION = "0.1.0";

  private BuildVersion() {}
}
