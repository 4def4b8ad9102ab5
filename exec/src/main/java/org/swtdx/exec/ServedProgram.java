package org.swtdx.exec;

/**
 * A program that a server lends KVM to, and what it has at the moment.
 *
 * @param number of the program, counted from the server's start
 * @param pid its process; 0 before its start, and after its end when children of it live on
 * @param seconds since its start
 * @param vms VM files open
 * @param vcpus vCPU files open
 * @param frames 4 KiB frames of the platform taken
 * @param keyIds private KeyIDs taken
 * @param name of the program
 */
public record ServedProgram(
    long number, int pid, long seconds, int vms, int vcpus, long frames, int keyIds, String name) {
  private static final int FIELDS = 8;

  String toLine() {
    return "%d\t%d\t%d\t%d\t%d\t%d\t%d\t%s"
        .formatted(number, pid, seconds, vms, vcpus, frames, keyIds, name);
  }

  /**
   * Reads what {@link #toLine} wrote.
   *
   * @throws IllegalArgumentException when it is something else
   */
  static ServedProgram ofLine(String line) {
    String[] fields = line.split("\t", FIELDS);
    if (fields.length != FIELDS) {
      throw new IllegalArgumentException("not a program: " + line);
    }
    return new ServedProgram(
        Long.parseLong(fields[0]),
        Integer.parseInt(fields[1]),
        Long.parseLong(fields[2]),
        Integer.parseInt(fields[3]),
        Integer.parseInt(fields[4]),
        Long.parseLong(fields[5]),
        Integer.parseInt(fields[6]),
        fields[7]);
  }
}
