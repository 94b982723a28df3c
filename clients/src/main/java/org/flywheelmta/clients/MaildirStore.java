package org.flywheelmta.clients;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A Maildir: one file for each mail, written to {@code tmp/} and moved into {@code new/}. Nothing
 * is forced: what a machine loses that loses its power, it loses.
 */
final class MaildirStore implements MailStore {
  private final Path folder;
  private final AtomicLong numbers = new AtomicLong();

  private MaildirStore(Path folder) {
    this.folder = folder;
  }

  /** Opens one; its folders are made where they are missing. */
  static MaildirStore open(Path folder) throws IOException {
    for (var each : List.of("tmp", "new", "cur")) {
      Files.createDirectories(folder.resolve(each));
    }
    return new MaildirStore(folder);
  }

  @Override
  public Writing begin(String sender, List<String> recipients) throws IOException {
    var now = Instant.now();
    var name =
        "%d.M%06dP%dQ%d.sink"
            .formatted(
                now.getEpochSecond(),
                now.getNano() / 1_000,
                ProcessHandle.current().pid(),
                numbers.incrementAndGet());
    var writing =
        new MailWriting(folder.resolve("tmp").resolve(name), folder.resolve("new").resolve(name));
    writing.text("Return-Path: <" + sender + ">\n");
    for (var recipient : recipients) {
      writing.text("Delivered-To: <" + recipient + ">\n");
    }
    return writing;
  }

  private static final class MailWriting implements Writing {
    private final Path unfinished;
    private final Path finished;
    private final OutputStream out;

    MailWriting(Path unfinished, Path finished) throws IOException {
      this.unfinished = unfinished;
      this.finished = finished;
      this.out = new BufferedOutputStream(Files.newOutputStream(unfinished));
    }

    void text(String text) throws IOException {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void line(byte[] bytes, int offset, int length) throws IOException {
      out.write(bytes, offset, length);
      out.write('\n');
    }

    @Override
    public void keep() throws IOException {
      out.close();
      Files.move(unfinished, finished, StandardCopyOption.ATOMIC_MOVE);
    }

    @Override
    public void drop() {
      try {
        out.close();
        Files.deleteIfExists(unfinished);
      } catch (IOException stays) {
        // It lies in tmp/, where no reader looks.
      }
    }
  }
}
