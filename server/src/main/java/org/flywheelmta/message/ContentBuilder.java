package org.flywheelmta.message;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayList;
import java.util.List;
import org.flywheelmta.base.Check;
import org.flywheelmta.base.MemoryAccount;
import org.flywheelmta.base.NonThreadSafe;
import org.jspecify.annotations.Nullable;

/**
 * Content while it arrives. Large runs of a receive buffer are kept in place as slices; small ones
 * are copied, so that a few octets never pin a whole receive buffer. Everything that it pins is
 * taken from an account, by capacity, before it is kept.
 *
 * <p>It belongs to one session, which ends it by {@link #seal}, {@link #take} or {@link #discard}.
 */
@NonThreadSafe
public final class ContentBuilder {
  private static final int FIRST_BYTES = 4 * 1024;
  private static final int LARGEST_BYTES = 128 * 1024;

  private final ByteBufAllocator allocator;
  private final MemoryAccount account;
  private final List<ByteBuf> parts = new ArrayList<>(4);
  private @Nullable ByteBuf tail;
  private long size;
  private long partBytes;
  private long pinnedBytes;

  /** A part of the content that was taken away, with what it still pins of the account. */
  public record Part(ByteBuf bytes, long pinnedBytes) {}

  /**
   * Begins a content.
   *
   * @param account of the connection that it comes from, in bytes of capacity
   */
  public ContentBuilder(ByteBufAllocator allocator, MemoryAccount account) {
    this.allocator = allocator;
    this.account = account;
  }

  /**
   * Adds octets.
   *
   * @param source its indexes stay where they are
   * @return false when there is no room: nothing was added, and the caller refuses the content
   */
  public boolean append(ByteBuf source, int index, int length) {
    if (length == 0) {
      return true;
    }
    var open = tail;
    if (open != null && open.maxFastWritableBytes() >= length) {
      open.writeBytes(source, index, length);
    } else if (length >= source.capacity() / 2) {
      if (!pin(source.capacity())) {
        return false;
      }
      closeTail();
      parts.add(source.retainedSlice(index, length));
    } else if (!copy(source, index, length)) {
      return false;
    }
    size += length;
    partBytes += length;
    return true;
  }

  /** Adds octets by copying them. */
  public boolean append(byte[] octets) {
    var open = tail;
    if (open == null || open.maxFastWritableBytes() < octets.length) {
      open = open(octets.length);
      if (open == null) {
        return false;
      }
    }
    open.writeBytes(octets);
    size += octets.length;
    partBytes += octets.length;
    return true;
  }

  private boolean copy(ByteBuf source, int index, int length) {
    int copied = 0;
    var open = tail;
    if (open != null) {
      copied = open.maxFastWritableBytes();
      open.writeBytes(source, index, copied);
    }
    var fresh = open(length - copied);
    if (fresh == null) {
      // What was copied stays behind the size that anybody is told of: the content is refused.
      return false;
    }
    fresh.writeBytes(source, index + copied, length - copied);
    return true;
  }

  /** A new tail with room for {@code length} octets; null when there is none. */
  private @Nullable ByteBuf open(int length) {
    long wanted = Math.max(length, Math.clamp(partBytes, FIRST_BYTES, LARGEST_BYTES));
    int capacity = Math.toIntExact(wanted);
    if (!pin(capacity)) {
      return null;
    }
    closeTail();
    var fresh = allocator.directBuffer(capacity, capacity);
    tail = fresh;
    return fresh;
  }

  private boolean pin(long bytes) {
    if (!account.tryTake(bytes)) {
      return false;
    }
    pinnedBytes += bytes;
    return true;
  }

  private void closeTail() {
    var open = tail;
    if (open != null) {
      tail = null;
      parts.add(open);
    }
  }

  /** Octets added so far, taken away or not. */
  public long size() {
    return size;
  }

  /** Octets that are still here. */
  public long heldBytes() {
    return partBytes;
  }

  /**
   * Takes away what is here; the caller gives {@code pinnedBytes} back to the account in the end.
   */
  public Part take() {
    var part = new Part(joined(), pinnedBytes);
    pinnedBytes = 0;
    partBytes = 0;
    return part;
  }

  /**
   * Ends the content; its reference passes to the caller. What it pins goes back to the budget of
   * everything with its last reference; the account keeps its share until the caller passes it on.
   */
  public Content seal(Content.Shape shape) {
    var bytes = joined();
    var content = new Content(bytes, shape, account.budget(), pinnedBytes);
    pinnedBytes = 0;
    partBytes = 0;
    return content;
  }

  private ByteBuf joined() {
    closeTail();
    ByteBuf joined;
    if (parts.isEmpty()) {
      joined = allocator.directBuffer(0, 0);
    } else if (parts.size() == 1) {
      joined = parts.getFirst();
    } else {
      var composite = allocator.compositeDirectBuffer(parts.size());
      for (var part : parts) {
        composite.addComponent(true, part);
      }
      joined = composite;
    }
    parts.clear();
    Check.that(joined.readableBytes() == partBytes, "a content lost count of its octets");
    return joined;
  }

  /** Drops everything and gives back what it pins; may be called again, and after the end. */
  public void discard() {
    closeTail();
    for (var part : parts) {
      part.release();
    }
    parts.clear();
    partBytes = 0;
    account.release(pinnedBytes);
    pinnedBytes = 0;
  }
}
