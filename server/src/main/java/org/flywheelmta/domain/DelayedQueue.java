package org.flywheelmta.domain;

import java.util.Arrays;
import java.util.function.Consumer;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.domain.Waiting.Place;
import org.flywheelmta.message.Stub;
import org.jspecify.annotations.Nullable;

/**
 * The messages of a domain that wait for their time: to be tried again, or to be given up. All are
 * stubs, kept in columns of primitive arrays that are ordered as a binary heap by the time, and
 * siblings next to each other where they have the same.
 *
 * <p>The columns are cut into pages, so that they grow and shrink without being copied; the first
 * page alone grows in steps.
 */
@NonThreadSafe
final class DelayedQueue extends WallAlarm {
  /** Entries of a page. */
  static final int PAGE = 1 << 9;

  private static final int SHIFT = 9;
  private static final int MASK = PAGE - 1;
  private static final int FIRST_ROOM = 4;
  private static final long[][] NOTHING = {};

  // The words of an entry. The last is the index of the recipient above the attempts.
  private static final int WORDS = 4;
  private static final int WAKE = 0;
  private static final int HIGH = 1;
  private static final int LOW = 2;
  private static final int REST = 3;

  private final DomainRecord record;
  private long[][] pages = NOTHING;
  // Null while all are of the record's own domain.
  private String @Nullable [][] domains;
  // When they expire, of those that said so themselves, and otherwise 0; null while there is none.
  private long @Nullable [][] expiries;
  private int size;

  DelayedQueue(DomainRecord record) {
    super(record.scheduler);
    this.record = record;
  }

  /** Takes over a message that is nowhere; from now on it is a stub. */
  void add(Waiting waiting, long wakeMicros) {
    waiting.becomeStub(record.table.queueMemory);
    waiting.move(Place.NONE, Place.DELAYED, record.table.totals);
    if (size == room()) {
      grow();
    }
    int at = size++;
    set(at, WAKE, wakeMicros);
    set(at, HIGH, waiting.idHigh);
    set(at, LOW, waiting.idLow);
    set(at, REST, ((long) waiting.index << 32) | waiting.attempts());
    setDomain(at, waiting.domain);
    setExpiry(at, waiting.strictExpiry ? waiting.expiryMicros : 0);
    up(at);
    onAdded(wakeMicros);
  }

  int size() {
    return size;
  }

  /** When the first of them is due, wall clock microseconds; {@link #NEVER}. */
  @Override
  long firstMicros() {
    return size == 0 ? NEVER : word(0, WAKE);
  }

  @Override
  void onFirstDue() {
    var first = waiting(0);
    first.move(Place.DELAYED, Place.NONE, record.table.totals);
    size--;
    if (size > 0) {
      swap(0, size);
      down(0);
    }
    shrink();
    record.onDue(first);
  }

  @Override
  void afterPass() {
    record.maintain();
  }

  /** Visits what waits, as it would be if it were taken out. */
  void forEach(Consumer<Waiting> visitor) {
    for (int i = 0; i < size; i++) {
      visitor.accept(waiting(i));
    }
  }

  /** Lets go of all of them. */
  void clear() {
    for (int i = 0; i < size; i++) {
      record.table.totals.moved(Place.DELAYED, Place.NONE);
    }
    record.table.queueMemory.release((long) size * Stub.ENTRY_BYTES);
    size = 0;
    shrink();
    rearm();
  }

  private Waiting waiting(int at) {
    long rest = word(at, REST);
    long expiry = expiries == null ? 0 : expiries[at >> SHIFT][at & MASK];
    var domain = domains == null ? record.name.host() : domains[at >> SHIFT][at & MASK];
    var waiting =
        new Waiting(word(at, HIGH), word(at, LOW), (int) (rest >>> 32), domain, (int) rest, expiry);
    waiting.place = Place.DELAYED;
    return waiting;
  }

  private long word(int at, int word) {
    return pages[at >> SHIFT][(at & MASK) * WORDS + word];
  }

  private void set(int at, int word, long value) {
    pages[at >> SHIFT][(at & MASK) * WORDS + word] = value;
  }

  private void setDomain(int at, String domain) {
    if (domains == null) {
      if (domain.equals(record.name.host())) {
        return;
      }
      domains = new String[pages.length][];
      for (int i = 0; i < pages.length; i++) {
        domains[i] = new String[pages[i].length / WORDS];
        Arrays.fill(domains[i], record.name.host());
      }
    }
    domains[at >> SHIFT][at & MASK] = domain;
  }

  private void setExpiry(int at, long expiryMicros) {
    if (expiries == null) {
      if (expiryMicros == 0) {
        return;
      }
      expiries = new long[pages.length][];
      for (int i = 0; i < pages.length; i++) {
        expiries[i] = new long[pages[i].length / WORDS];
      }
    }
    expiries[at >> SHIFT][at & MASK] = expiryMicros;
  }

  private int room() {
    return pages.length <= 1 ? firstRoom() : pages.length * PAGE;
  }

  private int firstRoom() {
    return pages.length == 0 ? 0 : pages[0].length / WORDS;
  }

  private void grow() {
    int first = firstRoom();
    if (pages.length > 0 && first == PAGE) {
      resize(pages.length + 1);
    } else {
      int step = first < 16 ? Math.max(FIRST_ROOM, first) : first / 4;
      resizeFirst(Math.min(PAGE, first + step));
    }
  }

  private void shrink() {
    if (size == 0) {
      pages = NOTHING;
      domains = null;
      expiries = null;
    } else if (pages.length > 1) {
      // Half a page is kept, so that nothing is made and dropped in turns.
      if (size <= (pages.length - 1) * PAGE - PAGE / 2) {
        resize(pages.length - 1);
      }
    } else if (size > FIRST_ROOM && size < firstRoom() / 4) {
      resizeFirst(2 * size);
    }
  }

  private void resize(int count) {
    int kept = Math.min(count, pages.length);
    pages = Arrays.copyOf(pages, count);
    domains = domains == null ? null : Arrays.copyOf(domains, count);
    expiries = expiries == null ? null : Arrays.copyOf(expiries, count);
    if (count > kept) {
      pages[kept] = new long[PAGE * WORDS];
      if (domains != null) {
        domains[kept] = new String[PAGE];
      }
      if (expiries != null) {
        expiries[kept] = new long[PAGE];
      }
    }
  }

  private void resizeFirst(int room) {
    if (pages.length == 0) {
      pages = new long[][] {new long[room * WORDS]};
      return;
    }
    pages[0] = Arrays.copyOf(pages[0], room * WORDS);
    if (domains != null) {
      domains[0] = Arrays.copyOf(domains[0], room);
    }
    if (expiries != null) {
      expiries[0] = Arrays.copyOf(expiries[0], room);
    }
  }

  private void up(int from) {
    int at = from;
    while (at > 0) {
      int parent = (at - 1) >> 1;
      if (!isBefore(at, parent)) {
        return;
      }
      swap(at, parent);
      at = parent;
    }
  }

  private void down(int from) {
    int at = from;
    int half = size >> 1;
    while (at < half) {
      int child = 2 * at + 1;
      if (child + 1 < size && isBefore(child + 1, child)) {
        child++;
      }
      if (!isBefore(child, at)) {
        return;
      }
      swap(at, child);
      at = child;
    }
  }

  private boolean isBefore(int one, int other) {
    var first = pages[one >> SHIFT];
    var second = pages[other >> SHIFT];
    int from = (one & MASK) * WORDS;
    int to = (other & MASK) * WORDS;
    for (int i = 0; i < WORDS; i++) {
      int order = Long.compareUnsigned(first[from + i], second[to + i]);
      if (order != 0) {
        return order < 0;
      }
    }
    return false;
  }

  private void swap(int one, int other) {
    var first = pages[one >> SHIFT];
    var second = pages[other >> SHIFT];
    int from = (one & MASK) * WORDS;
    int to = (other & MASK) * WORDS;
    for (int i = 0; i < WORDS; i++) {
      long word = first[from + i];
      first[from + i] = second[to + i];
      second[to + i] = word;
    }
    if (domains != null) {
      var domain = domains[one >> SHIFT][one & MASK];
      domains[one >> SHIFT][one & MASK] = domains[other >> SHIFT][other & MASK];
      domains[other >> SHIFT][other & MASK] = domain;
    }
    if (expiries != null) {
      long expiry = expiries[one >> SHIFT][one & MASK];
      expiries[one >> SHIFT][one & MASK] = expiries[other >> SHIFT][other & MASK];
      expiries[other >> SHIFT][other & MASK] = expiry;
    }
  }
}
