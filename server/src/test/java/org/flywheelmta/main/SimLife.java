package org.flywheelmta.main;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.SplittableRandom;
import org.flywheelmta.base.ReadOnlyThreadSafe;

/**
 * What one life of a simulated server is configured with, drawn anew for each.
 *
 * @param configuration the text
 * @param memory {@code memory_limit}
 * @param connections how many connections it may have open to deliver, in all
 * @param mostHandover how many messages may be on their way to schedulers
 * @param sessions {@code listener_sessions}
 */
@ReadOnlyThreadSafe
record SimLife(
    String configuration, long memory, int connections, long mostHandover, int sessions) {
  private static final long ROOMY = 64L << 20;
  private static final long TIGHT = 3L << 20;

  /** One that delivers everything to a gateway. */
  static SimLife withGateway(
      SplittableRandom random, InetSocketAddress listen, InetSocketAddress gateway) {
    long memory = random.nextBoolean() ? ROOMY : TIGHT;
    int connections = random.nextInt(1, 6);
    int handover = random.nextBoolean() ? 10_000 : 40;
    int batch = random.nextBoolean() ? 100 : 2;
    int sessions = random.nextBoolean() ? 20_000 : 12;
    int retrySeconds = random.nextInt(10, 60);
    var text =
        """
        dns_servers = "192.0.2.53"
        gateway = "127.0.0.1:%d"
        max_outbound_connections = %d
        max_recipients_per_batch = %d
        retry_interval = %ds
        max_retry_interval = 10m
        """
            .formatted(gateway.getPort(), connections, batch, retrySeconds);
    int schedulers = random.nextInt(1, 4);
    var bounces = Bounces.drawn(random, 5);
    return new SimLife(
        common(listen, memory, handover, schedulers, sessions) + bounces.text + text,
        memory,
        connections,
        mostHandover(handover, schedulers, bounces),
        sessions);
  }

  /** The same with a spool of two volumes more, {@link SimServer#VOLUMES}. */
  SimLife ofVolumes() {
    var spool = "spool { path = \"spool\" ";
    var several = configuration.replace(spool, spool + " volumes = ( \"second\", \"third\" ) ");
    return new SimLife(several, memory, connections, mostHandover, sessions);
  }

  /**
   * One that finds its way by names.
   *
   * @param servers {@code dns_servers}
   * @param domains stanzas
   */
  static SimLife withDomains(
      SplittableRandom random, InetSocketAddress listen, String servers, String domains) {
    long memory = random.nextBoolean() ? ROOMY : TIGHT;
    int connections = random.nextBoolean() ? 200 : random.nextInt(6, 20);
    int handover = random.nextBoolean() ? 10_000 : 40;
    int sessions = random.nextBoolean() ? 20_000 : 12;
    var text =
        """
        dns_servers = %s
        dns_timeout = %ds
        dns_min_ttl = %ds
        dns_cache_size = %d
        dns_max_pending = %d
        dns_max_queries_per_second = %d
        server_max_outbound_connections = %d
        %s"""
            .formatted(
                servers,
                random.nextInt(2, 6),
                random.nextBoolean() ? 0 : 5,
                random.nextBoolean() ? 10_000 : 20,
                random.nextBoolean() ? 10_000 : 64,
                random.nextBoolean() ? 5_000 : 10,
                connections,
                domains);
    int schedulers = random.nextInt(1, 4);
    var bounces = Bounces.drawn(random, 30);
    return new SimLife(
        common(listen, memory, handover, schedulers, sessions) + bounces.text + text,
        memory,
        connections,
        mostHandover(handover, schedulers, bounces),
        sessions);
  }

  /** What is durable is handed over in any case. */
  private static long mostHandover(int handover, int schedulers, Bounces bounces) {
    return handover + 100L + (long) bounces.inProgress * schedulers;
  }

  /**
   * The options of notifications.
   *
   * @param inProgress {@code bounces_in_progress}
   */
  private record Bounces(String text, int inProgress) {
    static Bounces drawn(SplittableRandom random, int delayMinutes) {
      int inProgress = random.nextBoolean() ? 100 : 1;
      var quoting = List.of("none", "headers", "full").get(random.nextInt(3));
      int delay = random.nextBoolean() ? 0 : delayMinutes;
      var text =
          """
          bounces_in_progress = %d
          bounce_quoting = "%s"
          delay_notification = %dm
          """
              .formatted(inProgress, quoting, delay);
      return new Bounces(text, inProgress);
    }
  }

  private static String common(
      InetSocketAddress listen, long memory, int handover, int schedulers, int sessions) {
    return """
    hostname = "mta.test"
    memory_limit = %d
    handover_limit = %d
    connect_timeout = 60s
    ehlo_timeout = 60s
    mailfrom_timeout = 60s
    rcptto_timeout = 60s
    body_timeout = 60s
    eventloop "events" { concurrency = %d }
    spool { path = "spool"  segment_size = 1MB }
    esmtp_listener {
      listen "127.0.0.1:%d" { relay_hosts = ( "127.0.0.0/8" )  listener_sessions = %d }
    }
    """
        .formatted(memory, handover, schedulers, listen.getPort(), sessions);
  }
}
