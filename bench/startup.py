"""Times whole processes: swtdx commands, and an empty JVM as the floor."""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time

DEBIAN_OVMF = "/usr/share/ovmf/OVMF.fd"
NOTHING = "public class Nothing { public static void main(String[] a) {} }\n"


def run(command):
    """Runs a command and returns its wall and processor time in seconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 0:
        sys.exit("bench: %s: %s" % (" ".join(command), done.stderr.decode(errors="replace")))
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall, used


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--swtdx", required=True)
    parser.add_argument("--java", required=True)
    parser.add_argument("--repeat", type=int, default=11)
    parser.add_argument("--firmware", default=DEBIAN_OVMF)
    options = parser.parse_args()
    if not os.path.exists(options.firmware):
        sys.exit("bench: %s is missing; install the Debian package ovmf" % options.firmware)

    with tempfile.TemporaryDirectory() as folder:
        source = os.path.join(folder, "Nothing.java")
        with open(source, "w", encoding="ascii") as file:
            file.write(NOTHING)
        javac = os.path.join(os.path.dirname(options.java), "javac")
        subprocess.run([javac, "-d", folder, source], check=True)
        commands = {
            "JVM that does nothing": [options.java, "-XX:+UseSerialGC", "-cp", folder, "Nothing"],
            "swtdx --version": [options.swtdx, "--version"],
            "swtdx measure OVMF.fd": [options.swtdx, "measure", options.firmware],
            "swtdx measure OVMF.fd --predict": [
                options.swtdx, "measure", options.firmware, "--predict"],
        }
        times = {name: [] for name in commands}
        for _ in range(options.repeat):  # in turn, so that all see the same machine
            for name, command in commands.items():
                times[name].append(run(command))

    print("%-34s %12s %12s %8s" % ("whole process", "wall, s", "CPU, s", "ratio"))
    floor = None
    for name, pairs in times.items():
        wall = statistics.median(pair[0] for pair in pairs)
        used = statistics.median(pair[1] for pair in pairs)
        floor = floor or wall
        print("%-34s %12.3f %12.3f %8.2f" % (name, wall, used, wall / floor))


if __name__ == "__main__":
    main()
