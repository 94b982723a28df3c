package org.flywheelmta.net;

import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLException;
import org.flywheelmta.base.Check;
import org.flywheelmta.base.ReadOnlyThreadSafe;
import org.flywheelmta.config.Scope;
import org.flywheelmta.disk.Disk;
import org.flywheelmta.scheduler.ThreadPool;

/** The client side of TLS: a connector for each policy that the configuration can come to. */
@ReadOnlyThreadSafe
public final class TlsConnectors {
  /**
   * @param strong whether only ciphers with forward secrecy and AEAD will do
   * @param authorities the file of those who are believed; empty for those of the JDK
   */
  private record Policy(boolean strong, TlsConnector.Verify verify, Optional<Path> authorities) {}

  private final Map<Policy, TlsConnector> connectors;

  private TlsConnectors(Map<Policy, TlsConnector> connectors) {
    this.connectors = connectors;
  }

  /** None, for a server that secures nothing. */
  public static TlsConnectors none() {
    return new TlsConnectors(Map.of());
  }

  /**
   * Reads the authorities and makes the connectors; blocks.
   *
   * @param verifies whether any certificate is verified
   * @param authorities every file of authorities that the configuration names
   */
  public static TlsConnectors load(
      Scope global, boolean verifies, Collection<Path> authorities, Disk disk, ThreadPool pool)
      throws UnusableCertificate {
    var made = new TlsConnectors(new LinkedHashMap<>());
    var files = new TlsFiles(disk);
    try {
      made.add(global, TlsConnector.Verify.NO, Optional.empty(), List.of(), pool);
      if (verifies) {
        made.addVerifying(global, Optional.empty(), List.of(), pool);
      }
      for (var path : authorities) {
        var certificates = TlsFiles.certificates(path, files.read(path));
        made.addVerifying(global, Optional.of(path), certificates, pool);
      }
      return made;
    } catch (SSLException | IllegalArgumentException refused) {
      made.close();
      throw new UnusableCertificate("TLS: the engine refuses: " + TlsFiles.reason(refused));
    } catch (UnusableCertificate unusable) {
      made.close();
      throw unusable;
    }
  }

  private void addVerifying(
      Scope global, Optional<Path> path, List<X509Certificate> authorities, ThreadPool pool)
      throws SSLException {
    add(global, TlsConnector.Verify.CA, path, authorities, pool);
    add(global, TlsConnector.Verify.HOST, path, authorities, pool);
  }

  private void add(
      Scope global,
      TlsConnector.Verify verify,
      Optional<Path> path,
      List<X509Certificate> authorities,
      ThreadPool pool)
      throws SSLException {
    for (boolean strong : new boolean[] {true, false}) {
      // Whoever may go in clear is verified by nobody.
      if (strong || verify == TlsConnector.Verify.NO) {
        var suite = TlsOptions.suiteOut(global, strong);
        connectors.put(
            new Policy(strong, verify, path), TlsConnector.of(suite, verify, authorities, pool));
      }
    }
  }

  /**
   * For mail that may go in clear, too: any certificate, and any cipher that is better than none.
   */
  public TlsConnector opportunistic() {
    return find(new Policy(false, TlsConnector.Verify.NO, Optional.empty()));
  }

  /**
   * For mail that never goes in clear.
   *
   * @param authorities the file of those who are believed; empty for those of the JDK
   */
  public TlsConnector strict(TlsConnector.Verify verify, Optional<Path> authorities) {
    var file = verify == TlsConnector.Verify.NO ? Optional.<Path>empty() : authorities;
    return find(new Policy(true, verify, file));
  }

  private TlsConnector find(Policy policy) {
    var found = connectors.get(policy);
    if (found == null) {
      throw Check.bug("no connector was made for " + policy);
    }
    return found;
  }

  /** No handshake begins any more; connections go on. */
  public void close() {
    connectors.values().forEach(TlsConnector::close);
  }
}
