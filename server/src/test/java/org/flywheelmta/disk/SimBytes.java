package org.flywheelmta.disk;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.BitSet;
import java.util.random.RandomGenerator;
import org.flywheelmta.base.SingleThreadSafe;

/** The bytes of a simulated file: as they are now, and as they are after a power cut. */
@SingleThreadSafe
final class SimBytes {
  private static final int UNIT = 64;
  private static final int BLOCK = 4096;
  private static final int[] SECTORS = {64, 512, 4096};

  private byte[] now = new byte[0];
  private byte[] forced = new byte[0];
  // Copies share what they hold until one of them changes it.
  private boolean isNowShared;
  private boolean isForcedShared;
  private int size;
  private int forcedSize;
  // The units that were written and not forced.
  private final BitSet dirty = new BitSet();

  static SimBytes forced(byte[] bytes) {
    var made = new SimBytes();
    made.write(ByteBuffer.wrap(bytes), 0);
    made.force();
    return made;
  }

  SimBytes copy() {
    var copy = new SimBytes();
    copy.now = now;
    copy.forced = forced;
    isNowShared = true;
    isForcedShared = true;
    copy.isNowShared = true;
    copy.isForcedShared = true;
    copy.size = size;
    copy.forcedSize = forcedSize;
    copy.dirty.or(dirty);
    return copy;
  }

  int size() {
    return size;
  }

  byte[] toArray() {
    return Arrays.copyOf(now, size);
  }

  private void ownNow() {
    now = isNowShared ? now.clone() : now;
    isNowShared = false;
  }

  private void ownForced() {
    forced = isForcedShared ? forced.clone() : forced;
    isForcedShared = false;
  }

  void flip(long position, int mask) {
    ownNow();
    ownForced();
    now[(int) position] ^= (byte) mask;
    if (position < forced.length) {
      forced[(int) position] ^= (byte) mask;
    }
  }

  void write(ByteBuffer buffer, long position) {
    int from = Math.toIntExact(position);
    int to = from + buffer.remaining();
    if (to == from) {
      return;
    }
    if (to > now.length) {
      now = Arrays.copyOf(now, Math.max(to, now.length * 2));
      isNowShared = false;
    }
    ownNow();
    buffer.get(now, from, to - from);
    size = Math.max(size, to);
    dirty.set(from / UNIT, (to + UNIT - 1) / UNIT);
  }

  int read(ByteBuffer buffer, long position) {
    int count = (int) Math.max(0, Math.min(buffer.remaining(), size - position));
    if (count > 0) {
      buffer.put(now, (int) position, count);
    }
    return count;
  }

  void force() {
    growForced();
    for (int unit = dirty.nextSetBit(0); unit >= 0; unit = dirty.nextSetBit(unit + 1)) {
      keep(unit, UNIT);
    }
    dirty.clear();
    forcedSize = size;
  }

  /** What was not forced stays readable, and no later force makes it durable. */
  void forgetUnforced() {
    dirty.clear();
  }

  private void growForced() {
    if (forced.length < now.length) {
      forced = Arrays.copyOf(forced, now.length);
      isForcedShared = false;
    }
    if (!dirty.isEmpty()) {
      ownForced();
    }
  }

  private void keep(int unit, int bytes) {
    int from = unit * UNIT;
    int count = Math.min(bytes, now.length - from);
    System.arraycopy(now, from, forced, from, count);
  }

  void crash(SimDisk.CrashMode mode, boolean blocksTorn, RandomGenerator random) {
    switch (mode) {
      case DROPPED -> {}
      case KEPT -> force();
      case TORN -> {
        if (blocksTorn) {
          tearBlocks(random);
        } else {
          tear(random);
        }
      }
    }
    dirty.clear();
    size = forcedSize;
    if (forced.length != size) {
      forced = Arrays.copyOf(forced, size);
    }
    now = forced;
    isNowShared = true;
    isForcedShared = true;
  }

  private void tearBlocks(RandomGenerator random) {
    growForced();
    for (int unit = dirty.nextSetBit(0); unit >= 0; ) {
      int block = unit * UNIT / BLOCK;
      int end = Math.min((block + 1) * BLOCK, now.length);
      switch (random.nextInt(3)) {
        case 0 -> System.arraycopy(now, block * BLOCK, forced, block * BLOCK, end - block * BLOCK);
        case 1 -> {
          for (int i = block * BLOCK; i < end; i++) {
            forced[i] = (byte) random.nextInt(256);
          }
        }
        default -> {}
      }
      unit = dirty.nextSetBit((block + 1) * BLOCK / UNIT);
    }
    forcedSize = random.nextBoolean() ? size : forcedSize;
  }

  private void tear(RandomGenerator random) {
    growForced();
    int units = SECTORS[random.nextInt(SECTORS.length)] / UNIT;
    int unit = dirty.nextSetBit(0);
    while (unit >= 0) {
      int sector = unit / units;
      boolean kept = random.nextBoolean();
      boolean torn = random.nextInt(8) == 0;
      for (; unit >= 0 && unit / units == sector; unit = dirty.nextSetBit(unit + 1)) {
        if (torn) {
          keep(unit, 1 + random.nextInt(UNIT));
        } else if (kept) {
          keep(unit, UNIT);
        }
      }
    }
    forcedSize = random.nextBoolean() ? size : forcedSize;
  }
}
