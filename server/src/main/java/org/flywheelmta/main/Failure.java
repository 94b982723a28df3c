package org.flywheelmta.main;

import org.flywheelmta.disk.DiskFailure;
import org.flywheelmta.spool.Opened;

/**
 * Why a start came to nothing.
 *
 * @param exitCode by sysexits
 * @param line one clear line for the operator
 */
record Failure(int exitCode, String line) {
  static Failure of(DiskFailure failure) {
    return new Failure(exitCode(failure.kind()), String.valueOf(failure.getMessage()));
  }

  static Failure of(Opened.Failed failed) {
    return new Failure(
        switch (failed.kind()) {
          case LOCKED -> ExitCode.TEMPORARY;
          case UNKNOWN_VERSION -> ExitCode.DATA;
          case UNUSABLE -> ExitCode.CANNOT_CREATE;
          case DENIED -> ExitCode.PERMISSION;
          case BROKEN -> ExitCode.IO;
        },
        failed.line());
  }

  static int exitCode(DiskFailure.Kind kind) {
    return switch (kind) {
      case FULL, EXISTS, MISSING -> ExitCode.CANNOT_CREATE;
      case DENIED -> ExitCode.PERMISSION;
      case LOCKED -> ExitCode.TEMPORARY;
      case DAMAGED -> ExitCode.DATA;
      case IO -> ExitCode.IO;
    };
  }
}
