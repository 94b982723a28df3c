package org.flywheelmta.net;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.flywheelmta.base.Check;
import org.flywheelmta.base.SingleThreadSafe;
import org.flywheelmta.disk.Disk;
import org.flywheelmta.disk.DiskFailure;

/** Reads what TLS needs from files, and remembers a digest of all that it has read. Blocks. */
@SingleThreadSafe
final class TlsFiles {
  /** Far more than the largest bundle of authorities has. */
  static final int MAX_FILE_BYTES = 8 << 20;

  private final Disk disk;
  private final MessageDigest digest;

  TlsFiles(Disk disk) {
    this.disk = disk;
    try {
      this.digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException absent) {
      throw Check.bug("a JDK without SHA-256");
    }
  }

  /** A digest of everything that was read, in its order. */
  String digest() {
    return HexFormat.of().formatHex(digest.digest());
  }

  PemFile read(Path path) throws UnusableCertificate {
    try (var file = disk.openRead(path)) {
      long size = file.size();
      if (size > MAX_FILE_BYTES) {
        throw new UnusableCertificate(path, "it has more than " + MAX_FILE_BYTES + " octets");
      }
      var octets = new byte[(int) size];
      int length = file.read(ByteBuffer.wrap(octets), 0);
      digest.update(octets, 0, length);
      return PemFile.read(octets);
    } catch (DiskFailure failure) {
      // Its text names the file already.
      throw new UnusableCertificate(String.valueOf(failure.getMessage()));
    }
  }

  List<PemFile> readAll(List<Path> paths) throws UnusableCertificate {
    var read = new ArrayList<PemFile>();
    for (var path : paths) {
      read.add(read(path));
    }
    return read;
  }

  /** The certificates of a file, at least one. */
  static List<X509Certificate> certificates(Path path, PemFile pem) throws UnusableCertificate {
    try {
      var certificates = pem.certificates();
      if (certificates.isEmpty()) {
        throw new UnusableCertificate(path, "it has no certificate in PEM");
      }
      return certificates;
    } catch (CertificateException unreadable) {
      throw new UnusableCertificate(
          path, "a certificate in it cannot be read: " + reason(unreadable));
    }
  }

  static String reason(Exception failure) {
    return String.valueOf(new TlsFailure(failure).getMessage());
  }
}
