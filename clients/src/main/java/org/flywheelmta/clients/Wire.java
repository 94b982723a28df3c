package org.flywheelmta.clients;

import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Lines over one blocking socket. A line ends at CRLF and nowhere else, so a peer that sends a bare
 * CR or LF shows as a changed line. For one thread; closing from another ends its waiting.
 */
public final class Wire implements Closeable {
  /** No honest peer sends a longer line. */
  public static final int LINE_MAX_BYTES = 1 << 16;

  private static final int BUFFER_BYTES = 1 << 15;

  private final Socket socket;
  private final InputStream in;
  private final OutputStream out;
  private byte[] buffer = new byte[BUFFER_BYTES];
  private int start;
  private int end;
  private int lineOffset;
  private int lineLength;

  /** Takes over a connected socket. */
  public Wire(Socket socket) throws IOException {
    this.socket = socket;
    socket.setTcpNoDelay(true);
    in = socket.getInputStream();
    out = new BufferedOutputStream(socket.getOutputStream(), BUFFER_BYTES);
  }

  /**
   * Moves to the next line; what was written is flushed before waiting for one.
   *
   * @return false where the peer closed the connection between lines
   * @throws EOFException where it closed within a line
   */
  public boolean next() throws IOException {
    int scanned = start;
    while (true) {
      for (int i = Math.max(scanned, start + 1); i < end; i++) {
        if (buffer[i] == '\n' && buffer[i - 1] == '\r') {
          lineOffset = start;
          lineLength = i - 1 - start;
          start = i + 1;
          return true;
        }
      }
      if (end - start > LINE_MAX_BYTES) {
        throw new IOException("the peer sent a line of more than " + LINE_MAX_BYTES + " bytes");
      }
      scanned = end - start;
      makeRoom();
      scanned += start;
      out.flush();
      int read = in.read(buffer, end, buffer.length - end);
      if (read < 0) {
        if (start == end) {
          return false;
        }
        throw new EOFException("the peer closed within a line");
      }
      end += read;
    }
  }

  private void makeRoom() {
    System.arraycopy(buffer, start, buffer, 0, end - start);
    end -= start;
    start = 0;
    if (end == buffer.length) {
      buffer = Arrays.copyOf(buffer, buffer.length * 2);
    }
  }

  /** The buffer of the current line, valid until the next call of {@link #next}. */
  public byte[] bytes() {
    return buffer;
  }

  /** Where the current line begins in {@link #bytes}. */
  public int offset() {
    return lineOffset;
  }

  /** Octets of the current line, without its CRLF. */
  public int length() {
    return lineLength;
  }

  /** The current line, an octet a character. */
  public String text() {
    return new String(buffer, lineOffset, lineLength, StandardCharsets.ISO_8859_1);
  }

  /** Buffers a line; CRLF is added. */
  public void write(String line) throws IOException {
    out.write((line + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
  }

  /**
   * Buffers octets as they are; of a mail, lines that end in CRLF and of which none is a lone dot.
   */
  public void write(byte[] lines) throws IOException {
    out.write(lines);
  }

  /** Sends what was written. */
  public void flush() throws IOException {
    out.flush();
  }

  /** Closes with a reset instead of a farewell. */
  public void reset() throws IOException {
    socket.setSoLinger(true, 0);
    socket.close();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
