package org.flywheelmta.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.local.LocalAddress;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;

class PeerTextTest {
  private static String of(String literal) throws UnknownHostException {
    return PeerText.of(new InetSocketAddress(InetAddress.getByName(literal), 25));
  }

  @Test
  void addressesAreWrittenWithTheirPort() throws UnknownHostException {
    assertThat(of("192.0.2.1")).isEqualTo("192.0.2.1:25");
    assertThat(of("2001:db8:0:0:0:0:0:1")).isEqualTo("[2001:db8::1]:25");
    assertThat(of("::1")).isEqualTo("[::1]:25");
  }

  @Test
  void zoneAndNameAreLeftOut() throws UnknownHostException {
    var octets = InetAddress.getByName("fe80::1").getAddress();
    var zoned = Inet6Address.getByAddress("host.example", octets, 7);
    assertThat(PeerText.of(new InetSocketAddress(zoned, 25))).isEqualTo("[fe80::1]:25");
  }

  @Test
  void whatHasNoAddressIsNamed() {
    var unresolved = InetSocketAddress.createUnresolved("relay.example", 25);
    assertThat(PeerText.of(unresolved)).isEqualTo("relay.example:25");
    assertThat(PeerText.of(new LocalAddress("test"))).isEqualTo("local");
  }
}
