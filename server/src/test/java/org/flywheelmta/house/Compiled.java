package org.flywheelmta.house;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.flywheelmta.base.Check;

/** Class files, parsed, by internal name: those of the server, or those of a fixture. */
record Compiled(SortedMap<String, ClassModel> models) {
  static final String HOUSE = "org/flywheelmta/";

  /** The classes of the server as the build has just made them. */
  static Compiled server() {
    var classes = new ArrayList<byte[]>();
    try (var files = Files.walk(serverClasses())) {
      for (var file : files.filter(f -> f.toString().endsWith(".class")).toList()) {
        classes.add(Files.readAllBytes(file));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return parse(classes);
  }

  /** The classes of a fixture: Java sources, each with one type at its top. */
  static Compiled of(String... sources) {
    var units = new ArrayList<Sources.InMemory>();
    for (var source : sources) {
      units.add(new Sources.InMemory(source));
    }
    var compiler = ToolProvider.getSystemJavaCompiler();
    var messages = new java.io.StringWriter();
    var files = new Outputs(compiler.getStandardFileManager(null, null, null));
    var options = List.of("-proc:none", "-implicit:none", "-Xlint:none");
    if (!compiler.getTask(messages, files, null, options, null, units).call()) {
      throw new AssertionError("the fixture does not compile: " + messages);
    }
    return parse(files.outputs.stream().map(ByteArrayOutputStream::toByteArray).toList());
  }

  /** Name of a class as people write it: room, dot, class. */
  static String plain(String internalName) {
    var name =
        internalName.startsWith(HOUSE) ? internalName.substring(HOUSE.length()) : internalName;
    return name.replace('/', '.').replace('$', '.');
  }

  /** The room of a class of ours: the first package below the root, or "" for none. */
  static String room(String internalName) {
    Check.that(internalName.startsWith(HOUSE), internalName + " is no class of ours");
    int end = internalName.indexOf('/', HOUSE.length());
    return end < 0 ? "" : internalName.substring(HOUSE.length(), end);
  }

  private static Compiled parse(List<byte[]> classes) {
    var models = new TreeMap<String, ClassModel>();
    for (var bytes : classes) {
      var model = ClassFile.of().parse(bytes);
      models.put(model.thisClass().asInternalName(), model);
    }
    return new Compiled(models);
  }

  private static Path serverClasses() {
    try {
      return Path.of(Check.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  /** Keeps what the compiler writes in memory. */
  private static final class Outputs extends ForwardingJavaFileManager<JavaFileManager> {
    final List<ByteArrayOutputStream> outputs = new ArrayList<>();

    Outputs(JavaFileManager below) {
      super(below);
    }

    @Override
    public JavaFileObject getJavaFileForOutput(
        Location location, String name, JavaFileObject.Kind kind, FileObject sibling) {
      var bytes = new ByteArrayOutputStream();
      outputs.add(bytes);
      return new SimpleJavaFileObject(URI.create("fixture:///" + name), kind) {
        @Override
        public OutputStream openOutputStream() {
          return bytes;
        }
      };
    }
  }
}
