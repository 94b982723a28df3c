package org.flywheelmta.spool;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.flywheelmta.base.ReadOnlyThreadSafe;
import org.flywheelmta.base.TransactionId;

/**
 * In which order volumes are asked for a transaction: that of the hashes of its id and their
 * folders, highest first (Thaler and Ravishankar 1998). So an id need not name its volume, and a
 * volume that comes or goes changes the order of the others for no id.
 */
@ReadOnlyThreadSafe
final class RendezvousOrder {
  private static final long FNV_OFFSET = 0xcbf29ce484222325L;
  private static final long FNV_PRIME = 0x100000001b3L;

  private final long[] seeds;

  RendezvousOrder(List<Path> folders) {
    this.seeds = folders.stream().mapToLong(folder -> hash(folder.toString())).toArray();
  }

  /** The volumes by number, the first to be asked first. */
  int[] of(TransactionId id) {
    var order = new int[seeds.length];
    for (int i = 0; i < order.length; i++) {
      int at = i;
      // By insertion: they are few.
      while (at > 0 && Long.compareUnsigned(weight(id, order[at - 1]), weight(id, i)) < 0) {
        order[at] = order[at - 1];
        at--;
      }
      order[at] = i;
    }
    return order;
  }

  /** The one after {@code volume} in the order of an id; -1 where it is the last. */
  int after(TransactionId id, int volume) {
    var order = of(id);
    for (int i = 0; i + 1 < order.length; i++) {
      if (order[i] == volume) {
        return order[i + 1];
      }
    }
    return -1;
  }

  private long weight(TransactionId id, int volume) {
    return mix(mix(id.high() ^ seeds[volume]) ^ id.low());
  }

  private static long hash(String text) {
    long hash = FNV_OFFSET;
    for (byte octet : text.getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ (octet & 0xff)) * FNV_PRIME;
    }
    return mix(hash);
  }

  /** The last steps of MurmurHash3. */
  private static long mix(long value) {
    long mixed = (value ^ (value >>> 33)) * 0xff51afd7ed558ccdL;
    mixed = (mixed ^ (mixed >>> 33)) * 0xc4ceb9fe1a85ec53L;
    return mixed ^ (mixed >>> 33);
  }
}
