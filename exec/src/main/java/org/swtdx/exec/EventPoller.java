package org.swtdx.exec;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.swtdx.exec.linux.EventFds;
import org.swtdx.exec.linux.Poll;
import org.swtdx.exec.linux.WakeUp;

/** One thread that waits for eventfds and consumes what is written to them. */
final class EventPoller implements AutoCloseable {
  private record Listener(LentEventFd eventFd, Runnable action) {}

  private final List<Listener> listeners = new CopyOnWriteArrayList<>();
  private final Set<String> taken = ConcurrentHashMap.newKeySet();
  private final WakeUp wakeUp = new WakeUp();
  private volatile boolean closed;

  EventPoller() {
    Thread.ofPlatform().daemon().name("swtdx-eventfds").start(this::poll);
  }

  /**
   * Calls an action whenever an eventfd was written to.
   *
   * @return stops it when run; null when the eventfd has a listener
   */
  @Nullable Runnable add(LentEventFd eventFd, Runnable action) {
    if (!taken.add(eventFd.identity())) {
      return null;
    }
    Listener listener = new Listener(eventFd, action);
    listeners.add(listener);
    wakeUp.signal();
    return () -> {
      synchronized (listener) {
        listeners.remove(listener);
        taken.remove(eventFd.identity());
      }
      wakeUp.signal();
    };
  }

  private void poll() {
    while (!closed) {
      try (Arena arena = Arena.ofConfined()) {
        List<Listener> waiting = new ArrayList<>(listeners);
        Poll poll = new Poll(arena, waiting.size() + 1).set(0, wakeUp.fd(), Poll.IN);
        for (int i = 0; i < waiting.size(); i++) {
          poll.set(i + 1, waiting.get(i).eventFd.fd(), Poll.IN);
        }
        if (!poll.await(-1)) {
          continue;
        }
        if (poll.events(0) != 0) {
          wakeUp.clear();
        }
        for (int i = 0; i < waiting.size(); i++) {
          if ((poll.events(i + 1) & Poll.IN) != 0) {
            notice(waiting.get(i));
          }
        }
      }
    }
    wakeUp.close();
  }

  private void notice(Listener listener) {
    synchronized (listener) {
      if (listeners.contains(listener) && EventFds.take(listener.eventFd.fd())) {
        listener.action.run();
      }
    }
  }

  @Override
  public void close() {
    closed = true;
    wakeUp.signal();
  }
}
