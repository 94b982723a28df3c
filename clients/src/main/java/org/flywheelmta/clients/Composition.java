package org.flywheelmta.clients;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Makes the mails that are sent: from files, in turns, or of so many bytes. Any thread may ask.
 *
 * @param contents stuffed contents of files; empty where mails are made up
 * @param bytes of a made-up mail, about; 0 for a short one
 */
record Composition(String from, List<String> to, List<Content> contents, long bytes) {
  /** What stands for the number of a mail in an address. */
  static final String NUMBER = "{n}";

  private static final int LINE_LETTERS = 70;
  private static final DateTimeFormatter DATE =
      DateTimeFormatter.ofPattern("EEE, d MMM yyyy HH:mm:ss Z", Locale.ROOT);

  /**
   * The content of a mail as it goes over the wire.
   *
   * @param stuffed never changed
   * @param eightBit whether there are octets above 127
   */
  @SuppressWarnings("ArrayRecordComponent") // Compared by no one; the bytes are shared, not copied.
  record Content(byte[] stuffed, boolean eightBit) {
    /** Of lines with any line ends; each ends with CRLF afterwards, the last one too. */
    static Content of(byte[] octets) {
      var out = new ByteArrayOutputStream(octets.length + octets.length / 16 + 2);
      boolean eightBit = false;
      boolean lineStart = true;
      for (int i = 0; i < octets.length; i++) {
        byte octet = octets[i];
        if (octet == '\n' || (octet == '\r' && !(i + 1 < octets.length && octets[i + 1] == '\n'))) {
          out.write('\r');
          out.write('\n');
          lineStart = true;
        } else if (octet != '\r') {
          if (lineStart && octet == '.') {
            out.write('.');
          }
          out.write(octet);
          lineStart = false;
          eightBit |= octet < 0;
        }
      }
      if (!lineStart) {
        out.write('\r');
        out.write('\n');
      }
      return new Content(out.toByteArray(), eightBit);
    }
  }

  /** Reads the files whose contents are sent. */
  static List<Content> read(List<Path> files) throws IOException {
    var contents = new ArrayList<Content>();
    for (var file : files) {
      try {
        contents.add(Content.of(Files.readAllBytes(file)));
      } catch (IOException unreadable) {
        throw new IOException("cannot read " + file, unreadable);
      }
    }
    return List.copyOf(contents);
  }

  /**
   * The mail of that number.
   *
   * @param number from 1
   * @param eightBit whether the server takes 8BITMIME
   * @param utf8 whether the server takes SMTPUTF8
   */
  Letter compose(long number, boolean eightBit, boolean utf8) {
    var sender = numbered(from, number);
    var recipients = to.stream().map(each -> numbered(each, number)).toList();
    var content =
        contents.isEmpty()
            ? Content.of(made(sender, recipients, number).getBytes(StandardCharsets.UTF_8))
            : contents.get((int) ((number - 1) % contents.size()));
    var parameters = new StringBuilder();
    if (content.eightBit() && eightBit) {
      parameters.append(" BODY=8BITMIME");
    }
    boolean beyondAscii =
        isBeyondAscii(sender) || recipients.stream().anyMatch(Composition::isBeyondAscii);
    if (beyondAscii && utf8) {
      parameters.append(" SMTPUTF8");
    }
    return new Letter(
        octets(sender),
        recipients.stream().map(Composition::octets).toList(),
        parameters.toString(),
        List.of(content.stuffed()));
  }

  private static String numbered(String address, long number) {
    return address.replace(NUMBER, Long.toString(number));
  }

  private static boolean isBeyondAscii(String text) {
    return text.chars().anyMatch(c -> c > 126);
  }

  /** UTF-8, an octet a character, as the wire writes it. */
  private static String octets(String text) {
    return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
  }

  private String made(String sender, List<String> recipients, long number) {
    var now = ZonedDateTime.now(ZoneId.systemDefault());
    var mail = new StringBuilder();
    mail.append("From: <").append(sender).append(">\r\n");
    mail.append("To: <").append(String.join(">,\r\n <", recipients)).append(">\r\n");
    mail.append("Subject: Test mail ").append(number).append("\r\n");
    mail.append("Date: ").append(DATE.format(now)).append("\r\n");
    mail.append("Message-ID: <")
        .append(Long.toString(now.toInstant().toEpochMilli(), Character.MAX_RADIX))
        .append('.')
        .append(ProcessHandle.current().pid())
        .append('.')
        .append(number)
        .append("@flywheel.invalid>\r\n\r\n");
    mail.append("This mail was made by flywheel send.\r\n");
    while (mail.length() + 2 < bytes) {
      int letters = (int) Math.min(LINE_LETTERS, bytes - mail.length() - 2);
      mail.append("x".repeat(letters)).append("\r\n");
    }
    return mail.toString();
  }
}
