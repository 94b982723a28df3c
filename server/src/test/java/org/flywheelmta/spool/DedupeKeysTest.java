package org.flywheelmta.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.flywheelmta.base.HeapMeasure;
import org.flywheelmta.base.TransactionId;
import org.flywheelmta.message.Fields;
import org.junit.jupiter.api.Test;

/** The columns of dedupe keys against a map, and what they take. */
final class DedupeKeysTest {
  private static final int KEYS = 100_000;

  /** What a key may take, with the index and what is free. */
  private static final int MOST_BYTES = 64;

  private record Kept(TransactionId id, int segment) {}

  private static DedupeKey key(int number) {
    return new DedupeKey(number % 7, number);
  }

  @Test
  void keysAreFoundRemovedAndOldestFirstAsInAMap() {
    for (long seed = 1; seed <= 20; seed++) {
      var random = new SplittableRandom(seed);
      var keys = new DedupeKeys();
      var model = new HashMap<DedupeKey, Kept>();
      int most = 1 << random.nextInt(2, 14);
      for (int i = 0; i < 30_000; i++) {
        step(random, keys, model, most);
      }
      check(keys, model, seed);
      while (keys.size() > 0) {
        var oldest = keys.id(keys.oldest());
        var expected = model.values().stream().map(Kept::id).min(Comparator.naturalOrder());
        if (keys.size() < 50) {
          assertThat(oldest).as("seed %d", seed).isEqualTo(expected.orElseThrow());
        }
        var key = new DedupeKey(keys.high(keys.oldest()), keys.low(keys.oldest()));
        var kept = model.remove(key);
        assertThat(kept == null ? null : kept.id()).isEqualTo(oldest);
        keys.remove(keys.oldest());
      }
      assertThat(model).isEmpty();
    }
  }

  private static void step(
      SplittableRandom random, DedupeKeys keys, Map<DedupeKey, Kept> model, int most) {
    var key = key(random.nextInt(most));
    int handle = keys.find(key);
    var known = model.get(key);
    assertThat(handle == DedupeKeys.NONE).isEqualTo(known == null);
    if (known == null) {
      var kept = new Kept(SpoolFixture.id(random.nextInt(1 << 30)), random.nextInt(100));
      keys.add(key, kept.id(), kept.segment());
      model.put(key, kept);
    } else if (random.nextInt(3) == 0) {
      keys.setSegment(handle, 1000);
      model.put(key, new Kept(known.id(), 1000));
    } else {
      keys.remove(handle);
      model.remove(key);
    }
  }

  private static void check(DedupeKeys keys, Map<DedupeKey, Kept> model, long seed) {
    assertThat(keys.size()).as("seed %d", seed).isEqualTo(model.size());
    model.forEach(
        (key, kept) -> {
          int handle = keys.find(key);
          assertThat(new Kept(keys.id(handle), keys.segment(handle)))
              .as("seed %d", seed)
              .isEqualTo(kept);
        });
  }

  @Test
  void keyTakesAtMost64Bytes() {
    long taken =
        HeapMeasure.bytes(
            () -> {
              var keys = new DedupeKeys();
              for (int i = 0; i < KEYS; i++) {
                keys.add(new DedupeKey(i * 31L, i), SpoolFixture.id(i), i);
              }
              return keys;
            });
    assertThat(taken).isBetween(40L * KEYS, (long) MOST_BYTES * KEYS);
  }

  @Test
  void keyOfAClientHasItsLimit() {
    assertThat(DedupeKey.of(Fields.NONE)).isNull();
    var longest = DedupeKey.in(Fields.NONE, new byte[DedupeKey.MOST_OCTETS]);
    assertThat(DedupeKey.of(longest)).isNotNull();
    assertThat(DedupeKey.of(longest))
        .isNotEqualTo(DedupeKey.of(DedupeKey.in(Fields.NONE, new byte[254])));
    assertThatThrownBy(() -> DedupeKey.in(Fields.NONE, new byte[DedupeKey.MOST_OCTETS + 1]))
        .hasMessageContaining("dedupe key");
    assertThatThrownBy(() -> DedupeKey.in(Fields.NONE, new byte[0]))
        .hasMessageContaining("dedupe key");
  }
}
