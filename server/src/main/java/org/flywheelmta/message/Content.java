package org.flywheelmta.message;

import io.netty.buffer.ByteBuf;
import io.netty.util.AbstractReferenceCounted;
import io.netty.util.ReferenceCounted;
import org.flywheelmta.base.Lender;
import org.flywheelmta.base.SingleThreadSafe;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of a message, shared by all recipients of a transaction, sealed: nothing changes them.
 * Lines end with CRLF, dots are not stuffed, and the end-of-data mark is not part of it.
 *
 * <p>Reference-counted, from any thread; the bytes may be read from any thread while a reference is
 * held. Readers never move the indexes of {@link #bytes()}: they take a duplicate.
 */
@SingleThreadSafe
public final class Content extends AbstractReferenceCounted {
  private final ByteBuf bytes;
  private final Shape shape;
  private final @Nullable Lender lender;
  private final long pinnedBytes;

  /**
   * What a delivery must know of the bytes without reading them.
   *
   * @param dotLines whether any line begins with a dot, so that SMTP must stuff (RFC 5321 4.5.2)
   * @param eightBit whether any octet is above 127 (RFC 6152)
   * @param endsWithLine whether the last line ends with CRLF; also true of no bytes at all
   * @param eightBitHeader whether any octet before the first empty line is above 127 (RFC 6532);
   *     where no line is empty, whether any octet is
   */
  public record Shape(
      boolean dotLines, boolean eightBit, boolean endsWithLine, boolean eightBitHeader) {
    /** The shape of content whose header section is ASCII. */
    public Shape(boolean dotLines, boolean eightBit, boolean endsWithLine) {
      this(dotLines, eightBit, endsWithLine, false);
    }

    /** The shape as the spool keeps it, one octet. */
    public int bits() {
      return (dotLines ? 1 : 0)
          | (eightBit ? 2 : 0)
          | (endsWithLine ? 4 : 0)
          | (eightBitHeader ? 8 : 0);
    }

    /** The shape that {@link #bits()} gave. */
    public static Shape of(int bits) {
      return new Shape((bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0, (bits & 8) != 0);
    }
  }

  /**
   * Seals bytes. The new content owns the caller's reference to {@code bytes}.
   *
   * @param lender where {@code pinnedBytes} were taken, and go back with the last reference; null
   *     where nobody counts
   * @param pinnedBytes capacity that the content keeps from being freed
   */
  public Content(ByteBuf bytes, Shape shape, @Nullable Lender lender, long pinnedBytes) {
    this.bytes = bytes;
    this.shape = shape;
    this.lender = lender;
    this.pinnedBytes = pinnedBytes;
  }

  /** The bytes, from reader index to writer index; the caller does not move them. */
  public ByteBuf bytes() {
    return bytes;
  }

  /** How many octets there are. */
  public int size() {
    return bytes.readableBytes();
  }

  public Shape shape() {
    return shape;
  }

  /** Capacity that it keeps from being freed, in bytes. */
  public long pinnedBytes() {
    return pinnedBytes;
  }

  @Override
  public Content retain() {
    super.retain();
    return this;
  }

  @Override
  protected void deallocate() {
    bytes.release();
    if (lender != null) {
      lender.release(pinnedBytes);
    }
  }

  @Override
  public ReferenceCounted touch(Object hint) {
    bytes.touch(hint);
    return this;
  }
}
