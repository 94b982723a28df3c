package org.flywheelmta.torture;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Reads a {@link Journal} from where the last reading ended, while others may still append to it. A
 * torn last line is left for later; a damaged line with whole lines behind it is an error, since a
 * verdict from half a journal would be worth nothing. For one thread.
 */
final class JournalTail {
  private static final int BLOCK_BYTES = 1 << 16;
  private static final int CHECKSUM_DIGITS = 8;

  private final Path file;
  private long offset;

  JournalTail(Path file) {
    this.file = file;
  }

  /** The end of the last whole line that was read, in bytes. */
  long offset() {
    return offset;
  }

  /** How many bytes the file has now. */
  long length() throws IOException {
    return Files.size(file);
  }

  /** Gives each new whole line, without its checksum, to {@code each}. */
  void read(Consumer<String> each) throws IOException {
    read(Long.MAX_VALUE, each);
  }

  /** As {@link #read(Consumer)}, as if the file ended at {@code limit} bytes. */
  void read(long limit, Consumer<String> each) throws IOException {
    try (var channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long at = offset;
      channel.position(at);
      var block = ByteBuffer.allocate(BLOCK_BYTES);
      var line = new LineBytes();
      boolean torn = false;
      while (at < limit
          && channel.read(block.clear().limit((int) Math.min(BLOCK_BYTES, limit - at))) > 0) {
        block.flip();
        at += block.remaining();
        while (block.hasRemaining()) {
          byte b = block.get();
          if (b != '\n') {
            line.add(b);
            continue;
          }
          if (torn) {
            throw new IOException(file + ": a damaged line ends before byte " + offset);
          }
          String words = line.unsealed();
          if (words == null) {
            torn = true;
          } else {
            offset += line.length() + 1;
            each.accept(words);
          }
          line.reset();
        }
      }
    }
  }

  /** A growing line. */
  private static final class LineBytes {
    private final CRC32C crc = new CRC32C();
    private byte[] bytes = new byte[512];
    private int length;

    void add(byte b) {
      if (length == bytes.length) {
        bytes = Arrays.copyOf(bytes, length * 2);
      }
      bytes[length++] = b;
    }

    int length() {
      return length;
    }

    /** The words of a sealed line, or null where the checksum does not fit them. */
    @Nullable String unsealed() {
      int space = length - CHECKSUM_DIGITS - 1;
      if (space < 0 || bytes[space] != ' ') {
        return null;
      }
      crc.reset();
      crc.update(bytes, 0, space);
      long digits = 0;
      for (int i = space + 1; i < length; i++) {
        if (!HexFormat.isHexDigit(bytes[i])) {
          return null;
        }
        digits = digits << 4 | HexFormat.fromHexDigit(bytes[i]);
      }
      return digits == crc.getValue() ? new String(bytes, 0, space, StandardCharsets.UTF_8) : null;
    }

    void reset() {
      length = 0;
    }
  }
}
