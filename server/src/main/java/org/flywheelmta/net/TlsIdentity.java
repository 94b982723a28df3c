package org.flywheelmta.net;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.flywheelmta.base.ReadOnlyThreadSafe;

/**
 * A certificate with its chain and its key.
 *
 * @param file where the certificate came from
 * @param chain first the certificate itself
 * @param names of the hosts that the certificate is for, in lower case; {@code *.example.net} is
 *     for one label more
 */
@ReadOnlyThreadSafe
record TlsIdentity(Path file, List<X509Certificate> chain, PrivateKey key, List<String> names) {
  private static final int DNS_NAME = 2;
  private static final byte[] PROBE = {1, 2, 3, 4};

  /** A certificate and its key, which may be in one file; sees that they are a pair. */
  static TlsIdentity of(Path certificate, PemFile pem, Path keyFile, PemFile keyPem)
      throws UnusableCertificate {
    var chain = TlsFiles.certificates(certificate, pem);
    var text = keyPem.key();
    if (text.isEmpty()) {
      throw new UnusableCertificate(keyFile, "it has no private key in PEM");
    }
    var key = key(keyFile, text);
    if (!arePair(key, chain.getFirst().getPublicKey())) {
      throw new UnusableCertificate(keyFile, "its key is not that of " + certificate);
    }
    return new TlsIdentity(certificate, chain, key, names(certificate, chain.getFirst()));
  }

  private static PrivateKey key(Path file, String text) throws UnusableCertificate {
    try (var parser = new PEMParser(new StringReader(text))) {
      var found = parser.readObject();
      var info =
          switch (found) {
            case PEMKeyPair pair -> pair.getPrivateKeyInfo();
            case PrivateKeyInfo alone -> alone;
            case null, default ->
                throw new UnusableCertificate(
                    file, "its private key is encrypted, or of an unknown kind");
          };
      return new JcaPEMKeyConverter().getPrivateKey(info);
    } catch (IOException unreadable) {
      throw new UnusableCertificate(
          file, "its private key cannot be read: " + TlsFiles.reason(unreadable));
    }
  }

  private static boolean arePair(PrivateKey key, PublicKey published) {
    var algorithm =
        switch (key.getAlgorithm()) {
          case "RSA" -> "SHA256withRSA";
          case "EC", "ECDSA" -> "SHA256withECDSA";
          default -> key.getAlgorithm();
        };
    try {
      var signer = Signature.getInstance(algorithm);
      signer.initSign(key);
      signer.update(PROBE);
      var signed = signer.sign();
      signer.initVerify(published);
      signer.update(PROBE);
      return signer.verify(signed);
    } catch (GeneralSecurityException different) {
      return false;
    }
  }

  private static List<String> names(Path file, X509Certificate certificate)
      throws UnusableCertificate {
    var names = new ArrayList<String>();
    try {
      var alternatives = certificate.getSubjectAlternativeNames();
      if (alternatives != null) {
        for (var alternative : alternatives) {
          if (alternative.get(0).equals(DNS_NAME)) {
            names.add(alternative.get(1).toString().toLowerCase(Locale.ROOT));
          }
        }
      }
    } catch (CertificateParsingException unreadable) {
      throw new UnusableCertificate(
          file, "its names cannot be read: " + TlsFiles.reason(unreadable));
    }
    return List.copyOf(names);
  }

  /** File, names and the day on which it ends. */
  @Override
  public String toString() {
    var end = chain.getFirst().getNotAfter().toInstant().atOffset(ZoneOffset.UTC).toLocalDate();
    return file + " for " + String.join(" ", names) + " until " + end;
  }
}
