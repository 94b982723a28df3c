package org.flywheelmta.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.flywheelmta.config.Configured;
import org.flywheelmta.config.Generation;
import org.flywheelmta.config.ListenerKind;
import org.flywheelmta.config.Schema;
import org.flywheelmta.disk.FileDisk;
import org.flywheelmta.net.TlsConnector;
import org.flywheelmta.net.TlsConnectors;
import org.flywheelmta.net.TlsOptions;
import org.flywheelmta.scheduler.IoEngine;
import org.flywheelmta.scheduler.ThreadPlatform;
import org.flywheelmta.smtp.ClientOpening.Next;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Every dialogue that a peer can have before the first transaction, up to a depth beyond which the
 * phases repeat.
 */
final class ClientOpeningTest {
  private static final int DEPTH = 7;
  private static final int[] CODES = {220, 250, 354, 421, 454, 502, 554};

  /** What a walk through all dialogues has met. */
  private static final class Met {
    int readyInClear;
    int readySecured;
    int dialogues;
  }

  /** Where one dialogue stands: what the peer has said so far, by which it can be told again. */
  private record Said(int code, boolean offersTls) {}

  private static Met walk(ClientTls tls) {
    var met = new Met();
    walk(tls, List.of(), met);
    return met;
  }

  private static void walk(ClientTls tls, List<Said> said, Met met) {
    met.dialogues++;
    var phase = tell(tls, said, met);
    if (phase == null || said.size() == DEPTH) {
      return;
    }
    for (int code : CODES) {
      for (boolean offers :
          phase == ClientPhase.EHLO ? new boolean[] {true, false} : new boolean[1]) {
        var longer = new ArrayList<>(said);
        longer.add(new Said(code, offers));
        walk(tls, longer, met);
      }
    }
  }

  /** The phase in which the peer speaks next; null when the opening is over. */
  private static @Nullable ClientPhase tell(ClientTls tls, List<Said> said, Met met) {
    var offered = new ClientExtensions();
    var opening = new ClientOpening(tls, offered);
    var phase = ClientPhase.BANNER;
    boolean secured = false;
    for (int i = 0; i < said.size(); i++) {
      var each = said.get(i);
      if (phase == ClientPhase.EHLO && each.code() / 100 == 2) {
        line(offered, "peer.example");
        line(offered, each.offersTls() ? "STARTTLS" : "SIZE");
      }
      if (phase == ClientPhase.HELO) {
        offered.clear();
      }
      switch (opening.onReply(phase, new PeerReply(each.code(), "", "said"))) {
        case Next.Enter(var to) -> phase = to;
        case Next.Ready() -> {
          if (i == said.size() - 1) {
            met.readySecured += secured ? 1 : 0;
            met.readyInClear += secured ? 0 : 1;
          }
          return null;
        }
        case Next.Leave _, Next.Unexpected _ -> {
          return null;
        }
      }
      if (phase == ClientPhase.TLS) {
        // The handshake succeeds; one that fails ends the connection.
        opening.secured();
        secured = true;
        phase = ClientPhase.EHLO;
      }
    }
    return phase;
  }

  private static void line(ClientExtensions offered, String text) {
    var octets = text.getBytes(StandardCharsets.US_ASCII);
    offered.onLine(octets, octets.length);
  }

  private static Generation generation() {
    var schema = Schema.builder();
    TlsOptions.declare(schema);
    schema.listener(ListenerKind.of("any_listener"));
    return Configured.by(schema.build(), "");
  }

  @Test
  void whereTlsIsRequiredNoDialogueLeadsToATransactionInClear() throws Exception {
    var platform = new ThreadPlatform(IoEngine.auto(), (where, fault) -> {});
    var connectors =
        TlsConnectors.load(
            generation().global(),
            false,
            List.of(),
            new FileDisk(),
            platform.threadPool("CPU", 1, 1));
    try {
      var strict = connectors.strict(TlsConnector.Verify.NO, Optional.empty());
      var required = walk(new ClientTls(ClientTls.Mode.REQUIRED, strict, true, 1));
      assertThat(required.dialogues).isGreaterThan(100);
      assertThat(required.readyInClear).isZero();
      assertThat(required.readySecured).isPositive();

      var loose = connectors.opportunistic();
      var available = walk(new ClientTls(ClientTls.Mode.IFAVAILABLE, loose, true, 1));
      assertThat(available.readyInClear).isPositive();
      assertThat(available.readySecured).isPositive();

      assertThat(walk(ClientTls.NEVER).readySecured).isZero();
    } finally {
      connectors.close();
      platform.close();
    }
  }
}
