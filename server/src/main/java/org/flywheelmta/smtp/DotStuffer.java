package org.flywheelmta.smtp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.message.Content;
import org.jspecify.annotations.Nullable;

/**
 * A content as it goes out after DATA, in parts: dots at the beginning of a line doubled (RFC 5321
 * section 4.5.2), then the end of data.
 *
 * <p>Parts are slices of the content. A dot is doubled by two slices that both have it, so nothing
 * is copied but short runs, which are gathered. The content must outlive the stuffer; parts hold
 * references of their own.
 */
@NonThreadSafe
final class DotStuffer {
  /** Most octets of a part. */
  static final int PART_BYTES = 256 * 1024;

  private static final int COPIED_RUN_BYTES = 1024;
  private static final int GATHERED_BYTES = 16 * 1024;

  private final ByteBuf bytes;
  private final boolean stuffing;
  private final boolean endsWithLine;
  private final int end;
  private int position;
  // Whether the dot at the position went out once already.
  private boolean doubled;
  private int runEnd;
  private boolean runEndsWithDot;
  private boolean ended;

  DotStuffer(Content content) {
    this.bytes = content.bytes();
    this.stuffing = content.shape().dotLines();
    this.endsWithLine = content.shape().endsWithLine() || content.size() == 0;
    this.position = bytes.readerIndex();
    this.end = bytes.writerIndex();
    this.runEnd = position;
  }

  /** The end of data where no content goes before it. */
  static ByteBuf loneEnd(ByteBufAllocator allocator) {
    return allocator.buffer(3).writeByte('.').writeByte('\r').writeByte('\n');
  }

  /** The next part, whose reference the caller owns; null when the end of data was given. */
  @Nullable ByteBuf next(ByteBufAllocator allocator) {
    if (position == end) {
      return endOfData(allocator);
    }
    findRun();
    if (!stuffing || runEnd - position >= COPIED_RUN_BYTES || runEnd == end) {
      var part = bytes.retainedSlice(position, runEnd - position);
      passRun();
      return part;
    }
    var gathered = allocator.buffer(GATHERED_BYTES);
    while (position < end
        && runEnd - position < COPIED_RUN_BYTES
        && gathered.writableBytes() >= runEnd - position) {
      gathered.writeBytes(bytes, position, runEnd - position);
      passRun();
      findRun();
    }
    return gathered;
  }

  private @Nullable ByteBuf endOfData(ByteBufAllocator allocator) {
    if (ended) {
      return null;
    }
    ended = true;
    if (endsWithLine) {
      return loneEnd(allocator);
    }
    var out = allocator.buffer(5).writeByte('\r').writeByte('\n');
    return out.writeByte('.').writeByte('\r').writeByte('\n');
  }

  private void passRun() {
    doubled = runEndsWithDot;
    // The dot goes out again as the first octet of the next run.
    position = doubled ? runEnd - 1 : runEnd;
  }

  /** Finds where the run ends that begins at the position: behind a dot to be doubled, at best. */
  private void findRun() {
    if (runEnd > position + (doubled ? 1 : 0)) {
      return;
    }
    runEndsWithDot = false;
    runEnd = Math.min(end, position + PART_BYTES);
    if (!stuffing) {
      return;
    }
    int line = doubled ? position + 1 : position;
    if (doubled || !isLineStart(position)) {
      line = nextLine(line);
    }
    while (line < runEnd) {
      if (bytes.getByte(line) == '.') {
        runEnd = line + 1;
        runEndsWithDot = true;
        return;
      }
      line = nextLine(line);
    }
  }

  private boolean isLineStart(int index) {
    return index == bytes.readerIndex() || bytes.getByte(index - 1) == '\n';
  }

  /** The index behind the next LF; the end of the run when there is none in it. */
  private int nextLine(int from) {
    int lineFeed = bytes.indexOf(from, runEnd, (byte) '\n');
    return lineFeed < 0 ? runEnd : lineFeed + 1;
  }
}
