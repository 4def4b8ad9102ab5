#!/usr/bin/env bash
# Builds the product without its tests into the folder $1: lib/ (modules), jvm.options, swtdx.aot.
# Progress goes to stderr, one line per module; the full log is kept beside the result.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
dist=$1
. "$here/scripts/toolchain.sh"
swtdx_require_jdk
swtdx_require_maven

log=$here/cli/target/build.log
mkdir -p "$(dirname "$log")"
started=$(mktemp "$(dirname "$log")/started.XXXXXX")
trap 'rm -f "$started"' EXIT
# Everything that the command needs and nothing else: no fuzz targets, no benchmarks.
count=$(sed -n '/<module>/{p; /<module>cli</q}' "$here/pom.xml" | wc -l)
echo "swtdx: building $count modules with $JAVA_HOME (first use, or sources changed)" >&2
if ! (cd "$here" && mvn -B -pl cli -am -Dmaven.test.skip=true -Dspotless.check.skip=true package 2>&1) | tee "$log" \
  | awk -v n="$count" '/^\[INFO\] Building swtdx /{i++; if (i > 1) printf "swtdx: [%d/%d] %s\n", i - 1, n, $4 > "/dev/stderr"}'; then
  echo "swtdx: the build failed; last lines of $log:" >&2
  tail -n 25 "$log" >&2
  exit 2
fi

rm -rf "$dist"
mkdir -p "$dist/lib"
cp "$here"/cli/target/lib/*.jar "$here"/cli/target/swtdx-cli-*.jar "$dist/lib/"
cp "$here/scripts/jvm.options" "$dist/jvm.options"

echo "swtdx: recording the start-up cache" >&2
# picocli is compiled for Java 5, whose classes the cache does not take; without this it is slower.
for jar in "$dist"/lib/picocli-*.jar; do
  if "$JAVA_HOME/bin/java" -XX:+UseSerialGC "$here/scripts/StackMaps.java" "$jar" "$jar.new" >> "$log" 2>&1; then
    mv "$jar.new" "$jar"
  else
    rm -f "$jar.new"
  fi
done
firmware=()
for image in /usr/share/ovmf/OVMF.fd /usr/share/qemu/OVMF.fd; do
  [ -r "$image" ] && firmware+=("$image") && break
done
# A rehearsal that fails is in the log; the cache serves all the same.
"$JAVA_HOME/bin/java" @"$dist/jvm.options" -XX:AOTCacheOutput="$dist/swtdx.aot" \
  --module-path "$dist/lib" -m org.swtdx.cli/org.swtdx.cli.Rehearsal "${firmware[@]+"${firmware[@]}"}" \
  >> "$log" 2>&1 || true
if [ ! -e "$dist/swtdx.aot" ]; then
  echo "swtdx: no start-up cache (see $log); starting will be slower" >&2
fi
# Stamped with the time the build began: a source saved meanwhile counts as newer.
touch -r "$started" "$dist/.built"
