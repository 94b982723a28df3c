package org.flywheelmta.dns;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.Inet6Address;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ResolvConfTest {
  private static List<String> servers(String text) {
    return ResolvConf.servers(text).stream()
        .map(server -> server.getAddress().getHostAddress() + " " + server.getPort())
        .toList();
  }

  @Test
  void nameserverLinesAloneCount() {
    assertThat(
            servers(
                """
                # nameserver 192.0.2.9
                domain example.net
                search example.com nameserver
                nameserver 192.0.2.1
                nameserver\t192.0.2.2   trailing words
                nameservers 192.0.2.3
                 nameserver 192.0.2.4
                options edns0 timeout:1
                """))
        .containsExactly("192.0.2.1 53", "192.0.2.2 53");
  }

  @Test
  void threeServersCountAtMost() {
    var line = "nameserver 192.0.2.";
    assertThat(servers(line + "1\n" + line + "2\r\n" + line + "3\n" + line + "4\n"))
        .containsExactly("192.0.2.1 53", "192.0.2.2 53", "192.0.2.3 53");
  }

  @Test
  void scopeOfAnAddressIsKept() {
    var servers = ResolvConf.servers("nameserver fe80::1%1\nnameserver 2001:db8::1\n");
    assertThat(servers).hasSize(2);
    assertThat(((Inet6Address) servers.getFirst().getAddress()).getScopeId()).isEqualTo(1);
  }

  @Test
  void whatIsNoAddressIsPassedOver() {
    assertThat(
            servers(
                """
                nameserver
                nameserver dns.example.net
                nameserver 1
                nameserver 192.0.2
                nameserver 192.0.2.300
                nameserver 1.2.3.4.5
                nameserver fe80::1%there-is-no-such-interface
                nameserver %
                nameserver ::g
                nameserver 192.0.2.1:53
                """))
        .isEmpty();
    assertThat(servers("")).isEmpty();
    assertThat(servers("nameserver ".repeat(1_000))).isEmpty();
  }
}
