package org.flywheelmta.spool;

import java.nio.file.Path;
import org.flywheelmta.disk.DiskFailure;
import org.flywheelmta.disk.DiskFile;

/** A force of what is in use: one that fails is never tried again, whatever it failed for. */
final class FinalForce {
  private FinalForce() {}

  /**
   * Forces a file.
   *
   * @throws DiskFailure never {@code FULL}, which would be tried again
   */
  static void of(DiskFile file, Path path) throws DiskFailure {
    try {
      file.force();
    } catch (DiskFailure failure) {
      if (failure.kind() != DiskFailure.Kind.FULL) {
        throw failure;
      }
      var text = "no space is left for what was written before";
      throw new DiskFailure(DiskFailure.Kind.IO, path, text, failure);
    }
  }
}
