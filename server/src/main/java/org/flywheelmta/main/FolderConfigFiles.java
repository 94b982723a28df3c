package org.flywheelmta.main;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.flywheelmta.config.ConfigFiles;
import org.jspecify.annotations.Nullable;

/** Configuration files in the folders of the machine. */
final class FolderConfigFiles implements ConfigFiles {
  @Override
  public Result read(String path, @Nullable String includingFile) {
    try {
      var resolved = resolve(path, includingFile);
      if (Files.isDirectory(resolved)) {
        try (var entries = Files.list(resolved)) {
          return new Result.Folder(entries.map(Path::toString).toList());
        }
      }
      try (var input = Files.newInputStream(resolved)) {
        var bytes = input.readNBytes(MAX_FILE_BYTES + 1);
        return new Result.File(resolved.toString(), ByteBuffer.wrap(bytes));
      }
    } catch (NoSuchFileException e) {
      return new Result.Unreadable("there is no such file");
    } catch (AccessDeniedException e) {
      return new Result.Unreadable("permission is missing");
    } catch (IOException | InvalidPathException e) {
      return new Result.Unreadable(String.valueOf(e.getMessage()));
    }
  }

  private static Path resolve(String path, @Nullable String includingFile) {
    var own = Path.of(path);
    var including = includingFile == null ? null : Path.of(includingFile).getParent();
    return (including == null ? own : including.resolve(own)).normalize();
  }
}
