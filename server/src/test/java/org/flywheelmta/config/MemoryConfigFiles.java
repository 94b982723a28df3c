package org.flywheelmta.config;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.TreeMap;
import java.util.TreeSet;
import org.flywheelmta.base.NonThreadSafe;
import org.jspecify.annotations.Nullable;

/** Configuration files in memory, for the tests of every room. */
@NonThreadSafe
public final class MemoryConfigFiles implements ConfigFiles {
  private final TreeMap<String, byte[]> files = new TreeMap<>();

  /** Adds a file; its folders come with it. */
  public MemoryConfigFiles with(String path, String text) {
    return with(path, text.getBytes(StandardCharsets.UTF_8));
  }

  /** Adds a file; its folders come with it. */
  public MemoryConfigFiles with(String path, byte[] bytes) {
    files.put(normalised(path), bytes);
    return this;
  }

  @Override
  public Result read(String path, @Nullable String includingFile) {
    var folder = includingFile == null || path.startsWith("/") ? "" : folderOf(includingFile);
    var name = normalised(folder + path);
    var bytes = files.get(name);
    if (bytes != null) {
      return new Result.File(name, ByteBuffer.wrap(bytes.clone()));
    }
    var inside = name.isEmpty() ? "" : name + "/";
    var entries = new TreeSet<String>();
    for (var file : files.tailMap(inside).keySet()) {
      if (file.startsWith(inside)) {
        var rest = file.substring(inside.length());
        var slash = rest.indexOf('/');
        entries.add(path + "/" + (slash < 0 ? rest : rest.substring(0, slash)));
      }
    }
    return entries.isEmpty()
        ? new Result.Unreadable("no such file")
        : new Result.Folder(entries.descendingSet().stream().toList());
  }

  private static String folderOf(String file) {
    return file.substring(0, file.lastIndexOf('/') + 1);
  }

  private static String normalised(String path) {
    var parts = new ArrayDeque<String>();
    for (var part : path.split("/", -1)) {
      if (part.equals("..")) {
        parts.pollLast();
      } else if (!part.equals(".") && !part.isEmpty()) {
        parts.addLast(part);
      }
    }
    return (path.startsWith("/") ? "/" : "") + String.join("/", parts);
  }
}
