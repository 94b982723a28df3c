package org.flywheelmta.main;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.flywheelmta.config.Configured;
import org.flywheelmta.disk.FileDisk;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which name servers a server asks. */
final class NameServersTest {
  @TempDir private Path folder;

  private static List<String> servers(String configuration) {
    var global = Configured.by(ServerOptions.schema(), configuration).global();
    return NameServers.settings(global, new FileDisk()).servers().stream()
        .map(server -> server.getAddress().getHostAddress() + " " + server.getPort())
        .toList();
  }

  private String file(String text) throws Exception {
    var file = Files.writeString(folder.resolve("resolv.conf"), text);
    return "resolv_conf = \"" + file + "\"\n";
  }

  @Test
  void configuredServersComeBeforeThoseOfTheMachine() throws Exception {
    var conf = file("nameserver 192.0.2.1\n");
    assertThat(servers(conf)).containsExactly("192.0.2.1 53");
    assertThat(servers(conf + "dns_servers = \"192.0.2.2:5353\"\n"))
        .containsExactly("192.0.2.2 5353");
  }

  @Test
  void machineWithoutServersAsksItself() throws Exception {
    assertThat(servers(file("search example.net\n"))).containsExactly("127.0.0.1 53");
    assertThat(servers("resolv_conf = \"" + folder.resolve("missing") + "\"\n"))
        .containsExactly("127.0.0.1 53");
    assertThat(servers("resolv_conf = \"" + folder + "\"\n")).containsExactly("127.0.0.1 53");
  }
}
