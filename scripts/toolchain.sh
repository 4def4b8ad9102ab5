# Finds the JDK and Maven for ./build and ./swtdx. To be sourced by bash.

# The feature version of the JDK at $1, or nothing when there is none.
swtdx_jdk_version() {
  [ -x "$1/bin/javac" ] || return 0
  if [ -r "$1/release" ]; then
    sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release"
  else
    "$1/bin/javac" -version 2>&1 | sed -n 's/^javac \([0-9]*\).*/\1/p'
  fi
}

# Sets and exports JAVA_HOME to a JDK of version 25 or newer; false when none was found.
swtdx_find_jdk() {
  local candidate version java
  local -a candidates=()
  [ -n "${JAVA_HOME:-}" ] && candidates+=("$JAVA_HOME")
  for candidate in /usr/lib/jvm/*25* /usr/lib/jvm/* /opt/jdk* /opt/java/* \
    "${HOME:-/}"/.sdkman/candidates/java/* "${HOME:-/}"/.jdks/* \
    /Library/Java/JavaVirtualMachines/*/Contents/Home; do
    [ -d "$candidate" ] && candidates+=("$candidate")
  done
  if java=$(command -v javac 2>/dev/null); then
    java=$(readlink -f "$java")
    candidates+=("${java%/bin/javac}")
  fi
  for candidate in "${candidates[@]+"${candidates[@]}"}"; do
    version=$(swtdx_jdk_version "$candidate")
    if [ -n "$version" ] && [ "$version" -ge 25 ]; then
      export JAVA_HOME=$candidate
      return 0
    fi
  done
  return 1
}

swtdx_require_jdk() {
  swtdx_find_jdk && return 0
  cat >&2 <<'TEXT'
swtdx needs a JDK of version 25 or newer (a full JDK, with javac), and found none in JAVA_HOME,
under /usr/lib/jvm, or on the PATH. Install one, for example Eclipse Temurin 25 (Debian:
temurin-25-jdk from the Adoptium packages; `sdk install java 25-tem` with SDKMAN), or set JAVA_HOME.
TEXT
  exit 2
}

swtdx_require_maven() {
  command -v mvn >/dev/null 2>&1 && return 0
  cat >&2 <<'TEXT'
swtdx is built with Apache Maven 3.8 or newer, and there is no `mvn` on the PATH. Install it
(Debian and Ubuntu: apt-get install maven; Fedora: dnf install maven; macOS: brew install maven).
TEXT
  exit 2
}
