package org.swtdx.exec;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** What the supervisor says to its user from now on. */
final class Warnings extends Handler implements AutoCloseable {
  private final Logger logger = Logger.getLogger("org.swtdx.exec");
  private final List<String> said = new CopyOnWriteArrayList<>();

  Warnings() {
    logger.addHandler(this);
  }

  List<String> said() {
    return List.copyOf(said);
  }

  @Override
  public void publish(LogRecord line) {
    said.add(line.getMessage());
  }

  @Override
  public void flush() {}

  @Override
  public void close() {
    logger.removeHandler(this);
  }
}
