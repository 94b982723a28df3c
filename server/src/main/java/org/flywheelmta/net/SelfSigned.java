package org.flywheelmta.net;

import java.io.IOException;
import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.flywheelmta.base.Check;
import org.flywheelmta.base.Clock;

/**
 * Makes a certificate that nobody else believes, for trying things out. Its key is RSA, which every
 * client takes, or EC.
 */
public final class SelfSigned {
  /** What the key is. */
  public enum Kind {
    /** 2,048 bits. */
    RSA,
    /** The curve P-256. */
    EC
  }

  private static final int RSA_BITS = 2048;
  private static final Duration YEARS_10 = Duration.ofDays(3650);
  private static final Duration DAY = Duration.ofDays(1);

  private SelfSigned() {}

  /**
   * Makes a pair; takes up to a second.
   *
   * @param names of hosts, the first of which is the subject
   * @param addresses IP addresses that it is for, too
   * @return certificate and key in PEM, in one text
   */
  public static byte[] pem(Kind kind, List<String> names, List<String> addresses, Clock clock) {
    try {
      var generator = KeyPairGenerator.getInstance(kind == Kind.RSA ? "RSA" : "EC");
      if (kind == Kind.RSA) {
        generator.initialize(RSA_BITS);
      } else {
        generator.initialize(new ECGenParameterSpec("secp256r1"));
      }
      var pair = generator.generateKeyPair();
      var certificate = certificate(kind, pair, names, addresses, clock);
      var text = new StringWriter();
      try (var writer = new JcaPEMWriter(text)) {
        writer.writeObject(certificate);
        writer.writeObject(new JcaPKCS8Generator(pair.getPrivate(), null));
      }
      return text.toString().getBytes(StandardCharsets.US_ASCII);
    } catch (GeneralSecurityException | OperatorCreationException | IOException impossible) {
      throw Check.bug("a certificate cannot be made: " + impossible);
    }
  }

  private static X509Certificate certificate(
      Kind kind, KeyPair pair, List<String> names, List<String> addresses, Clock clock)
      throws GeneralSecurityException, OperatorCreationException, CertIOException {
    var now = Instant.ofEpochMilli(TimeUnit.MICROSECONDS.toMillis(clock.wallMicros()));
    var subject = new X500NameBuilder().addRDN(BCStyle.CN, names.getFirst()).build();
    var builder =
        new JcaX509v3CertificateBuilder(
            subject,
            BigInteger.valueOf(now.toEpochMilli()),
            Date.from(now.minus(DAY)),
            Date.from(now.plus(YEARS_10)),
            subject,
            pair.getPublic());
    var alternatives = new ArrayList<GeneralName>();
    names.forEach(name -> alternatives.add(new GeneralName(GeneralName.dNSName, name)));
    addresses.forEach(a -> alternatives.add(new GeneralName(GeneralName.iPAddress, a)));
    builder.addExtension(
        Extension.subjectAlternativeName,
        false,
        new GeneralNames(alternatives.toArray(GeneralName[]::new)));
    builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
    var signer =
        new JcaContentSignerBuilder(kind == Kind.RSA ? "SHA256withRSA" : "SHA256withECDSA")
            .build(pair.getPrivate());
    return new JcaX509CertificateConverter().getCertificate(builder.build(signer));
  }
}
