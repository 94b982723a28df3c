package org.flywheelmta.house;

import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/** Java sources, parsed: those of the repository, or those of a fixture. */
record Sources(List<Source> files, SourcePositions positions) {
  /** The modules that are held to the style of the house. */
  private static final List<String> MODULES = List.of("server", "clients", "torture", "bench");

  /** One source; {@code path} is relative to the repository and parted by slashes. */
  record Source(String path, String text, CompilationUnitTree tree) {
    List<String> lines() {
      return text.lines().toList();
    }

    boolean isTest() {
      return path.contains("src/test/");
    }

    boolean isPackagePage() {
      return path.endsWith("/package-info.java");
    }

    long lineOf(long position) {
      return tree.getLineMap().getLineNumber(position);
    }
  }

  /** Every source of the repository. */
  static Sources repository() {
    var root = root();
    var units = new ArrayList<InMemory>();
    for (var module : MODULES) {
      try (var files = Files.walk(root.resolve(module).resolve("src"))) {
        for (var file : files.filter(f -> f.toString().endsWith(".java")).sorted().toList()) {
          var path = root.relativize(file).toString().replace('\\', '/');
          units.add(new InMemory(path, Files.readString(file)));
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return parse(units);
  }

  /** The sources of a fixture, as if they lay among the server's. */
  static Sources of(String... texts) {
    var units = new ArrayList<InMemory>();
    for (var text : texts) {
      units.add(new InMemory(text));
    }
    return parse(units);
  }

  /** A fixture at a path of its own. */
  static Sources at(String path, String text) {
    return parse(List.of(new InMemory(path, text)));
  }

  private static Sources parse(List<InMemory> units) {
    var compiler = ToolProvider.getSystemJavaCompiler();
    var task = (JavacTask) compiler.getTask(null, null, null, List.of("-proc:none"), null, units);
    var files = new ArrayList<Source>();
    // The compiler wraps what it is given, and keeps the order.
    var given = units.iterator();
    try {
      for (var tree : task.parse()) {
        var unit = given.next();
        files.add(new Source(unit.path, unit.text, tree));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Sources(files, Trees.instance(task).getSourcePositions());
  }

  /** The folder of the repository. */
  static Path root() {
    var folder = Path.of("").toAbsolutePath();
    while (folder != null && !Files.isDirectory(folder.resolve("server/src/main/java"))) {
      folder = folder.getParent();
    }
    if (folder == null) {
      throw new AssertionError("the tests run outside the repository");
    }
    return folder;
  }

  /** A source that the compiler reads from memory. */
  static final class InMemory extends SimpleJavaFileObject {
    private static final Pattern PACKAGE = Pattern.compile("package ([\\w.]+);");
    private static final Pattern TYPE =
        Pattern.compile("(?:class|@?interface|record|enum) +(\\w+)");

    final String path;
    final String text;

    InMemory(String text) {
      this("server/src/main/java/" + pathOf(text), text);
    }

    InMemory(String path, String text) {
      super(URI.create("memory:///" + path), JavaFileObject.Kind.SOURCE);
      this.path = path;
      this.text = text;
    }

    @Override
    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
      return text;
    }

    private static String pathOf(String text) {
      var folder = PACKAGE.matcher(text);
      var type = TYPE.matcher(text);
      if (!folder.find()) {
        throw new AssertionError("a fixture names no package");
      }
      var name = type.find() ? type.group(1) : "package-info";
      return folder.group(1).replace('.', '/') + "/" + name + ".java";
    }
  }
}
