package org.flywheelmta.mutation;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Gives a run classes of its own: all of the house, one of them with a defect. Libraries are
 * shared.
 */
final class MutantLoader extends ClassLoader {
  private final @Nullable Mutation mutation;

  /**
   * @param mutation the defect; null for none
   */
  MutantLoader(@Nullable Mutation mutation) {
    super(MutantLoader.class.getClassLoader());
    this.mutation = mutation;
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    if (!name.startsWith(Mutation.ROOT)) {
      return super.loadClass(name, resolve);
    }
    synchronized (getClassLoadingLock(name)) {
      var known = findLoadedClass(name);
      return known == null ? define(name) : known;
    }
  }

  private Class<?> define(String name) throws ClassNotFoundException {
    var bytes = bytes(name);
    if (mutation != null && name.equals(mutation.className())) {
      bytes = mutation.apply(bytes);
    }
    return defineClass(name, bytes, 0, bytes.length);
  }

  static byte[] bytes(String name) throws ClassNotFoundException {
    var path = name.replace('.', '/') + ".class";
    try (var file = MutantLoader.class.getClassLoader().getResourceAsStream(path)) {
      if (file == null) {
        throw new ClassNotFoundException(name);
      }
      return file.readAllBytes();
    } catch (IOException failure) {
      throw new ClassNotFoundException(name, failure);
    }
  }
}
