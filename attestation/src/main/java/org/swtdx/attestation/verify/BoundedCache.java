package org.swtdx.attestation.verify;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/** Remembers the results that were asked for last. Thread-safe. */
final class BoundedCache<K, V> {
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<K, V> entries;

  BoundedCache(int capacity) {
    entries =
        new LinkedHashMap<>(16, 0.75f, true) {
          @java.io.Serial private static final long serialVersionUID = 1;

          @Override
          protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
            return size() > capacity;
          }
        };
  }

  Optional<V> get(K key) {
    lock.lock();
    try {
      return Optional.ofNullable(entries.get(key));
    } finally {
      lock.unlock();
    }
  }

  void put(K key, V value) {
    lock.lock();
    try {
      entries.put(key, value);
    } finally {
      lock.unlock();
    }
  }
}
