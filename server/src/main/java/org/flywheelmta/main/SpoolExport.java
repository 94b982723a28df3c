package org.flywheelmta.main;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.disk.Disk;
import org.flywheelmta.disk.DiskFailure;
import org.flywheelmta.spool.SpoolReader;

/**
 * Writes transactions into a folder: the content as {@code ID.eml}, then the envelope as {@code
 * ID.json}, so that where there is an envelope its content is whole.
 */
@NonThreadSafe
final class SpoolExport {
  private final Disk disk;
  private final Path folder;
  private final boolean replace;

  /**
   * @param folder made where it is missing
   * @param replace whether files that are there already are replaced; else they are a failure
   */
  SpoolExport(Disk disk, Path folder, boolean replace) throws DiskFailure {
    this.disk = disk;
    this.folder = folder;
    this.replace = replace;
    disk.createFolder(folder);
  }

  /** Writes one transaction, and releases its content. */
  void write(SpoolReader.Shown shown) throws DiskFailure {
    try {
      var id = shown.transaction().id();
      var content = folder.resolve(id + ".eml");
      var envelope = folder.resolve(id + ".json");
      prepare(envelope);
      prepare(content);
      write(content, shown.content().bytes().nioBuffer());
      var json = EnvelopeFile.of(shown).json() + "\n";
      write(envelope, ByteBuffer.wrap(json.getBytes(StandardCharsets.UTF_8)));
    } finally {
      shown.content().release();
    }
  }

  private void prepare(Path file) throws DiskFailure {
    if (!disk.exists(file)) {
      return;
    }
    if (!replace) {
      throw new DiskFailure(DiskFailure.Kind.EXISTS, file, "it exists already", null);
    }
    disk.delete(file);
  }

  private void write(Path path, ByteBuffer octets) throws DiskFailure {
    try (var file = disk.create(path)) {
      file.write(octets, 0);
    }
  }
}
