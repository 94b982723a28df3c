package org.flywheelmta.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.RejectedExecutionException;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Test;

/** What a failed handshake says of the other side, and what it says in events. */
final class TlsFailureTest {
  @Test
  void fullPoolIsOursHoweverDeepItStands() {
    var full = new RejectedExecutionException("no room for another handshake");
    assertThat(new TlsFailure(full).ours()).isTrue();
    assertThat(new TlsFailure(new SSLException("failed", full)).ours()).isTrue();
    assertThat(new TlsFailure(new SSLException("a bad record")).ours()).isFalse();
    assertThat(new TlsFailure("what came is no TLS record").ours()).isFalse();
  }

  @Test
  void textIsOneLineOfBoundedLength() {
    var failure = new TlsFailure(new SSLException("a\r\nb\u0000" + "x".repeat(10_000)));
    assertThat(failure).message().startsWith("a  b x").hasSizeLessThanOrEqualTo(300);
  }
}
