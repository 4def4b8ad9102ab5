"""Times the boot of one firmware image to the UEFI shell: swtdx as a Trust Domain against
QEMU TCG as an ordinary VM, alternating, and prints medians and their ratio."""

import argparse
import json
import os
import select
import statistics
import subprocess
import sys
import tempfile
import time

MARKS = (("startup.nsh", "countdown before it"), ("Shell>", "Shell> prompt"))
LIMIT_SECONDS = 300


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def qemu(firmware, memory, mark):
    command = [
        "qemu-system-x86_64", "-machine", "q35", "-accel", "tcg", "-bios", firmware,
        "-m", memory, "-nodefaults", "-display", "none", "-serial", "stdio", "-net", "none",
    ]
    start = time.monotonic()
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    seen = b""
    try:
        while mark.encode() not in seen:
            if time.monotonic() - start > LIMIT_SECONDS:
                sys.exit("bench: QEMU did not reach the shell")
            ready, _, _ = select.select([process.stdout], [], [], 1)
            if ready:
                piece = os.read(process.stdout.fileno(), 65536)
                if not piece:
                    sys.exit("bench: QEMU ended before the shell")
                seen = (seen + piece)[-100000:]
        return {"wall": time.monotonic() - start, "cpu": cpu_seconds(process.pid)}
    finally:
        process.kill()
        process.wait()


def swtdx(launcher, firmware, memory, mark):
    with tempfile.TemporaryDirectory() as folder:
        report = os.path.join(folder, "report.json")
        command = [
            launcher, "run", "--memory", memory, "--serial", "null", "--until", mark,
            "--timeout", f"{LIMIT_SECONDS}s", "--json", report,
        ]
        if firmware:
            command += ["--firmware", firmware]
        else:
            del command[command.index("--until"):command.index("--until") + 2]
        start = time.monotonic()
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        talk = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            sys.exit("bench: swtdx failed:\n" + talk.decode(errors="replace")[-2000:])
        with open(report) as file:
            document = json.load(file)
    return {
        "wall": time.monotonic() - start,
        "cpu": usage.ru_utime + usage.ru_stime,
        "rss": usage.ru_maxrss / 1024,
        "mips": document["mips"],
        "instructions": document["instructions"],
        "first": document["firstInstructionSeconds"],
    }


def median(runs, key):
    return statistics.median(run[key] for run in runs)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--swtdx", required=True)
    parser.add_argument("--firmware", default="/usr/share/ovmf/OVMF.fd")
    parser.add_argument("--memory", default="1G")
    parser.add_argument("--repeat", type=int, default=3)
    options = parser.parse_args()
    if not os.path.exists(options.firmware):
        sys.exit(f"bench: {options.firmware} is missing; install the Debian package ovmf")

    print(f"{options.firmware}, {options.memory}, 1 vCPU, median of {options.repeat}")
    print(f"{'boot':34} {'swtdx (TD)':>12} {'QEMU TCG':>12} {'ratio':>8}")
    for mark, name in MARKS:
        peers, ours = [], []
        for _ in range(options.repeat):
            peers.append(qemu(options.firmware, options.memory, mark))
            ours.append(swtdx(options.swtdx, options.firmware, options.memory, mark))
        for key, unit in (("cpu", "CPU s"), ("wall", "wall s")):
            mine, peer = median(ours, key), median(peers, key)
            print(f"{name + ', ' + unit:34} {mine:12.2f} {peer:12.2f} {mine / peer:8.2f}")
    embedded = [swtdx(options.swtdx, None, options.memory, "") for _ in range(options.repeat)]
    print(f"{'guest instructions, million':34} {median(ours, 'instructions') / 1e6:12.1f}")
    print(f"{'guest MIPS (run phase, wall)':34} {median(ours, 'mips'):12.1f}")
    print(f"{'peak resident memory, MiB':34} {median(ours, 'rss'):12.0f}")
    print(f"{'start to first instruction, s':34} {median(ours, 'first'):12.2f}")
    print(f"{'  of the built-in TD, s':34} {median(embedded, 'first'):12.2f}")
    print(f"{'built-in TD, whole run, s':34} {median(embedded, 'wall'):12.2f}")


if __name__ == "__main__":
    main()
