package org.flywheelmta.net;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import org.flywheelmta.base.ReadOnlyThreadSafe;

/**
 * The blocks of a PEM file (RFC 7468) in their order, by label. What stands between blocks is
 * comment.
 */
@ReadOnlyThreadSafe
final class PemFile {
  private static final String BEGIN = "-----BEGIN ";
  private static final String END = "-----END ";
  private static final String DASHES = "-----";
  private static final String CERTIFICATE = "CERTIFICATE";

  /**
   * @param label such as {@code CERTIFICATE}
   * @param text the whole block with its first and last line
   */
  record Section(String label, String text) {}

  private final List<Section> blocks;

  private PemFile(List<Section> blocks) {
    this.blocks = blocks;
  }

  /** Reads the blocks; what is no block is passed over, so a file without any has none. */
  static PemFile read(byte[] octets) {
    var text = new String(octets, StandardCharsets.ISO_8859_1);
    var blocks = new ArrayList<Section>();
    int from = 0;
    while (true) {
      int begin = text.indexOf(BEGIN, from);
      int label = begin + BEGIN.length();
      int dashes = begin < 0 ? -1 : text.indexOf(DASHES, label);
      if (dashes < 0) {
        return new PemFile(List.copyOf(blocks));
      }
      var name = text.substring(label, dashes);
      var last = END + name + DASHES;
      int end = text.indexOf(last, dashes);
      if (end < 0) {
        return new PemFile(List.copyOf(blocks));
      }
      from = end + last.length();
      blocks.add(new Section(name, text.substring(begin, from) + "\n"));
    }
  }

  /** The certificates, first that of the server itself. */
  List<X509Certificate> certificates() throws CertificateException {
    var factory = CertificateFactory.getInstance("X.509");
    var found = new ArrayList<X509Certificate>();
    for (var block : blocks) {
      if (block.label().equals(CERTIFICATE)) {
        var octets = block.text().getBytes(StandardCharsets.ISO_8859_1);
        found.add((X509Certificate) factory.generateCertificate(new ByteArrayInputStream(octets)));
      }
    }
    return List.copyOf(found);
  }

  /** The first private key, of whatever kind; empty where there is none. */
  String key() {
    for (var block : blocks) {
      if (block.label().endsWith("PRIVATE KEY")) {
        return block.text();
      }
    }
    return "";
  }
}
