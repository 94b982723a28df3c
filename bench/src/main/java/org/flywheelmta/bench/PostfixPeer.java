package org.flywheelmta.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A Postfix of its own, whose configuration and queue lie in one folder: durable as it ships, and
 * tuned as its TUNING_README has it for a relay to one server that is near.
 */
record PostfixPeer() implements Peer {
  static final String NAME = "postfix";
  private static final Duration START_LIMIT = Duration.ofSeconds(30);
  private static final Path DAEMONS = Path.of("/usr/lib/postfix/sbin");

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Optional<String> missing() {
    if (Programs.find(NAME).isEmpty() || !Files.isExecutable(DAEMONS.resolve("master"))) {
      return Optional.of(
          "Postfix is not there; install it: apt-get install --no-install-recommends postfix");
    }
    return isRoot()
        ? Optional.empty()
        : Optional.of("Postfix is started by root alone; run the benchmark as root");
  }

  static boolean isRoot() {
    return "root".equals(System.getProperty("user.name"));
  }

  @Override
  public String version() throws InterruptedException {
    return Programs.output(List.of(Programs.path("postconf"), "-d", "-h", "mail_version"))
        .orElse("unknown");
  }

  @Override
  public boolean isSlow() {
    return true;
  }

  @Override
  public boolean takes(RelayCase relayCase) {
    return true;
  }

  @Override
  public void prepare() {}

  @Override
  public Relay start(Site site, int sink, boolean delivers)
      throws IOException, InterruptedException {
    int port = Ports.free();
    var folder = site.folder(NAME);
    var configuration = Files.createDirectories(folder.resolve("etc"));
    var queue = Files.createDirectories(folder.resolve("queue"));
    var state = Files.createDirectories(folder.resolve("state"));
    var users = folder.getFileSystem().getUserPrincipalLookupService();
    Files.setOwner(queue, users.lookupPrincipalByName("root"));
    Files.setOwner(state, users.lookupPrincipalByName("postfix"));
    Files.writeString(configuration.resolve("main.cf"), settings(folder, sink, delivers));
    Files.writeString(configuration.resolve("master.cf"), services(port));
    var program = List.of(Programs.path(NAME), "-c", configuration.toString());
    var process =
        site.start(
            NAME,
            List.of(program.get(0), program.get(1), program.get(2), "start-fg"),
            Map.of(),
            List.of(program.get(0), program.get(1), program.get(2), "stop"));
    process.awaitGreeting(port, START_LIMIT);
    return new Relay(port, process);
  }

  private static String settings(Path folder, int sink, boolean delivers) {
    return """
    compatibility_level = 3.6
    queue_directory = %1$s/queue
    data_directory = %1$s/state
    maillog_file = %1$s/postfix.log
    maillog_file_prefixes = %1$s
    command_directory = /usr/sbin
    daemon_directory = %2$s
    mail_owner = postfix
    setgid_group = postdrop
    myhostname = postfix.bench.test
    inet_interfaces = %3$s
    inet_protocols = ipv4
    mynetworks = 127.0.0.0/8
    mydestination =
    local_transport = error:nobody is local
    alias_maps =
    alias_database =
    smtpd_relay_restrictions = permit_mynetworks, reject
    relayhost = [%3$s]:%4$d
    smtp_dns_support_level = disabled
    smtpd_peername_lookup = no
    default_process_limit = 120
    initial_destination_concurrency = 20
    smtp_destination_concurrency_limit = 60
    smtp_connection_cache_destinations = [%3$s]:%4$d
    in_flow_delay = 0
    """
            .formatted(folder, DAEMONS, Ports.HOST, sink)
        + (delivers ? "" : "smtpd_data_restrictions = check_client_access static:HOLD\n");
  }

  private static String services(int port) {
    return """
    %s:%d inet n - n - - smtpd
    pickup unix n - n 60 1 pickup
    cleanup unix n - n - 0 cleanup
    qmgr unix n - n 300 1 qmgr
    rewrite unix - - n - - trivial-rewrite
    bounce unix - - n - 0 bounce
    defer unix - - n - 0 bounce
    trace unix - - n - 0 bounce
    flush unix n - n 1000? 0 flush
    proxymap unix - - n - - proxymap
    smtp unix - - n - - smtp
    relay unix - - n - - smtp
    showq unix n - n - - showq
    error unix - - n - - error
    retry unix - - n - - error
    anvil unix - - n - 1 anvil
    scache unix - - n - 1 scache
    tlsmgr unix - - n 1000? 1 tlsmgr
    postlog unix-dgram n - n - 1 postlogd
    """
        .formatted(Ports.HOST, port);
  }
}
