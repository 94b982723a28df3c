package org.flywheelmta.smtp;

import io.netty.buffer.ByteBuf;
import org.flywheelmta.base.NonThreadSafe;

/**
 * Reads replies (RFC 5321 section 4.2) in pieces of any size. Lines end with CRLF and with nothing
 * else: a peer that repeats what a mail's author wrote cannot be made to say a line of the
 * author's.
 *
 * <p>What it keeps of a reply is bounded, however long the reply is; a reply beyond the limits, or
 * one that is none, is malformed, and then nothing more can be read from that peer.
 */
@NonThreadSafe
final class ReplyReader {
  private static final int CODE_DIGITS = 3;

  /** What reading came to. */
  enum Progress {
    /** The input is used up, and no reply is whole. */
    MORE,
    /** There is a {@link #reply()}; more may stand behind it. */
    REPLY,
    /** There is a {@link #complaint()}. */
    MALFORMED
  }

  /** Sees the text of each line of a reply, the first one included. */
  interface Lines {
    /** Nobody looks. */
    Lines IGNORED = (octets, length) -> {};

    /**
     * A line of a reply whose code is positive.
     *
     * @param octets not to be kept; those behind {@code length} mean nothing
     * @param length at most {@link ReplyText#LINE_OCTETS}; the rest of a longer line is cut off
     */
    void onLine(byte[] octets, int length);
  }

  private final int maxLine;
  private final int maxLines;
  private final byte[] line = new byte[ReplyText.LINE_OCTETS];
  private final ReplyText text = new ReplyText();
  private int position;
  private int lines;
  private int code;
  private int lineCode;
  private boolean last;
  private boolean cr;
  private boolean fresh = true;
  private String complaint = "";

  ReplyReader(int maxLine, int maxLines) {
    this.maxLine = maxLine;
    this.maxLines = maxLines;
  }

  /** True when a part of a reply was read and the rest is awaited. */
  boolean begun() {
    return !fresh;
  }

  /** Reads to the end of a reply, of the input, or of all sense. */
  Progress read(ByteBuf input, Lines watch) {
    if (!complaint.isEmpty()) {
      return Progress.MALFORMED;
    }
    while (input.isReadable()) {
      int octet = input.readByte() & 0xff;
      if (fresh) {
        begin();
      }
      if (cr && octet == '\n') {
        if (!endLine(watch)) {
          return Progress.MALFORMED;
        }
        if (last) {
          fresh = true;
          return Progress.REPLY;
        }
        beginLine();
      } else if (!take(octet)) {
        return Progress.MALFORMED;
      }
    }
    return Progress.MORE;
  }

  private void begin() {
    fresh = false;
    lines = 0;
    text.clear();
    beginLine();
  }

  private void beginLine() {
    position = 0;
    lineCode = 0;
    last = true;
    cr = false;
  }

  /** One octet of a line; a CR is held back until it is known what follows it. */
  private boolean take(int octet) {
    if (octet == '\n') {
      return malformed("a line ends without CR");
    }
    if (cr) {
      cr = false;
      if (!place('\r')) {
        return false;
      }
    }
    if (octet == '\r') {
      cr = true;
      return true;
    }
    return place(octet);
  }

  private boolean place(int octet) {
    if (position >= maxLine) {
      return malformed("a line of more than " + maxLine + " octets");
    }
    int at = position++;
    if (at < CODE_DIGITS) {
      lineCode = lineCode * 10 + octet - '0';
      boolean good = at == 0 ? octet >= '2' && octet <= '5' : octet >= '0' && octet <= '9';
      return good || malformed("a line does not begin with a reply code");
    }
    if (at == CODE_DIGITS) {
      last = octet == ' ';
      return last || octet == '-' || malformed("a reply code with neither space nor hyphen");
    }
    int index = at - CODE_DIGITS - 1;
    if (index < line.length) {
      line[index] = (byte) octet;
    }
    return true;
  }

  private boolean endLine(Lines watch) {
    if (position < CODE_DIGITS) {
      return malformed("a line without a reply code");
    }
    if (lines == 0) {
      code = lineCode;
    } else if (code != lineCode) {
      return malformed("lines of one reply with the codes " + code + " and " + lineCode);
    }
    lines++;
    if (lines > maxLines) {
      return malformed("a reply of more than " + maxLines + " lines");
    }
    int length = Math.clamp(position - CODE_DIGITS - 1, 0, line.length);
    if (code / 100 == 2) {
      watch.onLine(line, length);
    }
    text.add(code / 100, line, length);
    return true;
  }

  private boolean malformed(String why) {
    complaint = "malformed reply: " + why;
    return false;
  }

  /** The reply that was read. */
  PeerReply reply() {
    return new PeerReply(code, text.enhanced(), text.printable());
  }

  /** What is wrong, as one phrase. */
  String complaint() {
    return complaint;
  }
}
