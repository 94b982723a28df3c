package org.flywheelmta.smtp;

import io.netty.buffer.ByteBuf;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.message.Content;

/**
 * Reads the mail data of one transaction (RFC 5321 section 4.1.1.4), in pieces of any size: removes
 * the dots that the client stuffed and ends at CRLF.CRLF and at nothing else. A CR or LF that
 * stands alone is noted, and repaired where that is configured; it never ends a line of the
 * dialogue.
 *
 * <p>Work is linear in the octets read; nothing is allocated per line.
 */
@NonThreadSafe
final class DataReader {
  /** Takes the unstuffed content in runs. */
  interface Sink {
    /** A run that stands in the input. */
    void content(ByteBuf input, int index, int length);

    /** A line break in place of a lone CR or LF. */
    void lineBreak();
  }

  private enum State {
    LINE_START,
    DOT,
    DOT_CR,
    TEXT,
    CR,
    END
  }

  private static final int CRLF = '\r' << Byte.SIZE | '\n';

  private final boolean repair;
  private final LineBreaks breaks = new LineBreaks();
  private final HeaderWatch headers = new HeaderWatch();
  private State state = State.LINE_START;
  private boolean loneBreak;
  private boolean dotLines;
  private boolean eightBitHeader;
  private boolean contentLineStart = true;
  private int runStart;

  /**
   * Begins a mail.
   *
   * @param repair whether a lone CR or LF becomes CRLF
   */
  DataReader(boolean repair) {
    this.repair = repair;
  }

  /**
   * Reads what there is, up to the end of the mail.
   *
   * @return true when the end was reached; the reader index stands behind it
   */
  boolean read(ByteBuf input, Sink sink) {
    int end = input.writerIndex();
    int index = input.readerIndex();
    runStart = index;
    while (index < end && state != State.END) {
      index =
          switch (state) {
            case LINE_START -> lineStart(input, index, sink);
            case DOT -> dot(input, index);
            case DOT_CR -> dotCr(input, index, sink);
            case TEXT -> text(input, index, end, sink);
            case CR -> cr(input, index, sink);
            case END -> index;
          };
    }
    if (state != State.END) {
      // A CR at the end of the input is held back until it is known what follows it.
      boolean heldBack = state == State.CR || state == State.DOT_CR;
      emit(input, heldBack ? index - 1 : index, sink);
    }
    input.readerIndex(index);
    return state == State.END;
  }

  private void emit(ByteBuf input, int until, Sink sink) {
    if (until > runStart) {
      sink.content(input, runStart, until - runStart);
    }
    runStart = until;
  }

  private int lineStart(ByteBuf input, int index, Sink sink) {
    headers.onLineStart();
    contentLineStart = true;
    if (input.getByte(index) == '.') {
      emit(input, index, sink);
      runStart = index + 1;
      state = State.DOT;
      return index + 1;
    }
    state = State.TEXT;
    return index;
  }

  /** After a dot that begins a line and was dropped. */
  private int dot(ByteBuf input, int index) {
    runStart = index;
    if (input.getByte(index) == '\r') {
      state = State.DOT_CR;
      return index + 1;
    }
    state = State.TEXT;
    return index;
  }

  private int dotCr(ByteBuf input, int index, Sink sink) {
    runStart = index;
    if (input.getByte(index) == '\n') {
      state = State.END;
      return index + 1;
    }
    // The line was a stuffed one that goes on with a lone CR, which may stand in an earlier input.
    loneCr(sink);
    state = State.TEXT;
    return index;
  }

  private int text(ByteBuf input, int index, int end, Sink sink) {
    if (contentLineStart) {
      contentLineStart = false;
      dotLines |= input.getByte(index) == '.';
    }
    int at = breaks.next(input, index, end);
    headers.onText(input, index, at);
    if (!headers.inHeaders()) {
      at = passLines(input, at, end);
    }
    if (at == end) {
      return end;
    }
    if (input.getByte(at) == '\r') {
      state = State.CR;
      return at + 1;
    }
    loneBreak = true;
    if (repair) {
      emit(input, at, sink);
      sink.lineBreak();
      runStart = at + 1;
      repairedLineStart();
    }
    return at + 1;
  }

  /**
   * Passes over lines of the body whose end and next octet are there, and which no dot follows:
   * most of all, and nothing is to be noted of them.
   *
   * @param from where the first of them ends
   * @return where the last of them ends
   */
  private int passLines(ByteBuf input, int from, int end) {
    int at = from;
    while (at + 2 < end) {
      int three = input.getUnsignedMedium(at);
      if (three >>> Byte.SIZE != CRLF || (three & 0xff) == '.') {
        break;
      }
      at = breaks.next(input, at + 2, end);
    }
    return at;
  }

  private int cr(ByteBuf input, int index, Sink sink) {
    if (input.getByte(index) == '\n') {
      if (runStart == index) {
        // The CR came at the end of an earlier input and was held back.
        sink.lineBreak();
        runStart = index + 1;
      }
      lineEnd();
      state = State.LINE_START;
      return index + 1;
    }
    if (runStart < index) {
      emit(input, index - 1, sink);
    }
    runStart = index;
    loneCr(sink);
    state = State.TEXT;
    return index;
  }

  private void loneCr(Sink sink) {
    loneBreak = true;
    // Where it is not repaired the mail is refused in the end, and what stands in for it is
    // dropped.
    sink.lineBreak();
    repairedLineStart();
  }

  private void lineEnd() {
    if (headers.inHeaders()) {
      // What was looked at so far is what the header section has so far.
      headers.onLineEnd();
      eightBitHeader = breaks.eightBit();
    }
  }

  private void repairedLineStart() {
    lineEnd();
    headers.onLineStart();
    contentLineStart = true;
  }

  /** True when a CR or LF stood alone. */
  boolean loneBreak() {
    return loneBreak;
  }

  /** How many {@code Received} fields the header section has. */
  int receivedHeaders() {
    return headers.receivedCount();
  }

  /** What the content turned out to be like; asked after the end. */
  Content.Shape shape() {
    return new Content.Shape(dotLines, breaks.eightBit(), true, eightBitHeader);
  }
}
