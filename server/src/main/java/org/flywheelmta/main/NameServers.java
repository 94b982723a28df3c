package org.flywheelmta.main;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import org.flywheelmta.config.Scope;
import org.flywheelmta.disk.Disk;
import org.flywheelmta.disk.DiskFailure;
import org.flywheelmta.dns.DnsOptions;
import org.flywheelmta.dns.DnsSettings;
import org.flywheelmta.dns.ResolvConf;

/** Finds the name servers where the configuration leaves them to the machine. */
final class NameServers {
  private NameServers() {}

  /**
   * The settings of look-ups, with servers: those of the configuration, else those of the file that
   * it names, else one on this machine. Reads the file only when it counts; blocks.
   */
  static DnsSettings settings(Scope global, Disk disk) {
    var settings = DnsOptions.settings(global);
    if (!settings.servers().isEmpty()) {
      return settings;
    }
    var named = ResolvConf.servers(read(DnsOptions.resolvConf(global), disk));
    return settings.withServers(
        named.isEmpty()
            ? List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), DnsOptions.PORT))
            : named);
  }

  private static String read(String path, Disk disk) {
    try (var file = disk.openRead(Path.of(path))) {
      var bytes = ByteBuffer.allocate(ResolvConf.MOST_BYTES);
      int length = file.read(bytes, 0);
      return new String(bytes.array(), 0, length, StandardCharsets.ISO_8859_1);
    } catch (DiskFailure | InvalidPathException unreadable) {
      return "";
    }
  }
}
