package org.flywheelmta.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Text that other programs wrote. */
final class Texts {
  /** Every octet is a character, so nothing that a program writes is malformed. */
  static final Charset OCTETS = StandardCharsets.ISO_8859_1;

  private Texts() {}

  /** The last octets of a file; none where it cannot be read. */
  static String tail(Path file, int octets) {
    try (var channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long size = channel.size();
      var buffer = ByteBuffer.allocate((int) Math.min(size, octets));
      channel.read(buffer, size - buffer.capacity());
      return new String(buffer.array(), 0, buffer.position(), OCTETS);
    } catch (IOException e) {
      return "";
    }
  }

  /** A whole file; nothing where it cannot be read, as with a process that has ended. */
  static String of(Path file) {
    try {
      return Files.readString(file, OCTETS);
    } catch (IOException e) {
      return "";
    }
  }
}
