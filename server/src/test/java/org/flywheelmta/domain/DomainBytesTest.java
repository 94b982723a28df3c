package org.flywheelmta.domain;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.flywheelmta.base.HeapMeasure;
import org.flywheelmta.event.MailEvent.Reply;
import org.flywheelmta.message.Fields;
import org.flywheelmta.message.Message;
import org.junit.jupiter.api.Test;

/** The heap that a domain takes while its mail waits, beside the mail. */
final class DomainBytesTest {
  private static final int DOMAINS = 10_000;
  private static final int MESSAGES_EACH = 2;

  /** What one domain record may take, with its route and the record of its host. */
  private static final long MOST_BYTES = 2_400;

  @Test
  void hundredThousandDomainsTakeAFewHundredMegabytes() {
    long many = HeapMeasure.bytes(() -> waiting(DOMAINS));
    long one = HeapMeasure.bytes(() -> waiting(1));
    assertThat((many - one) / DOMAINS).isBetween(500L, MOST_BYTES);
  }

  /** As many messages, whose delivery failed once, over so many domains with a host each. */
  private static DomainStage waiting(int domains) {
    var stage = new DomainStage();
    var options = DomainStage.policy();
    options.gateway = null;
    stage.anyPolicy = options.build();
    stage.anyHost = name -> "10.0." + name.substring(1, name.indexOf('.')).replace('x', '.');
    stage.method.connect =
        () ->
            new Outcome.TransientFailure(
                new Reply("connect", 0, "4.4.1", "refused"), Outcome.Scope.DOMAIN);
    for (int i = 0; i < DOMAINS * MESSAGES_EACH; i++) {
      int domain = i % domains;
      stage.domains.enqueue(message(stage, "u@d" + domain / 200 + "x" + domain % 200 + ".com"));
      if (i % 1_000 == 0) {
        stage.schedulers.run();
      }
    }
    stage.advance(Duration.ofSeconds(1));
    assertThat(stage.domains.totals().getFirst().delayed()).isEqualTo(DOMAINS * MESSAGES_EACH);
    return stage;
  }

  private static Message message(DomainStage stage, String recipient) {
    return stage.message(stage.transaction(1, Fields.NONE), 0, recipient, null);
  }
}
