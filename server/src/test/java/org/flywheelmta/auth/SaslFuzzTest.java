package org.flywheelmta.auth;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.flywheelmta.auth.AuthStage.Dialogue;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whatever a client sends, an exchange ends in a success or a clean failure. */
final class SaslFuzzTest {
  private static final int MUTATIONS = 1_500;
  private static final long SEED = 20_261_128;
  private static final GuessLimits PATIENT =
      new GuessLimits(100_000, 100_000, TimeUnit.SECONDS.toNanos(1), 100_000, 0, 0);

  private final AuthStage stage = new AuthStage(PATIENT);

  /** The messages of a good client, of which the last may need what the server has said. */
  private static List<byte[]> script(Mechanism mechanism) {
    var texts =
        switch (mechanism) {
          case SCRAM_SHA_256_PLUS ->
              List.of("p=tls-exporter,a=alice,n=alice,r=abc,x=1", "c=cA==,r=NONCE,x=1,p=AAAA", "");
          case SCRAM_SHA_256, SCRAM_SHA_1 ->
              List.of("n,,n=alice,r=abc", "c=biws,r=NONCE,p=AAAA", "");
          case EXTERNAL -> List.of("alice");
          case OAUTHBEARER -> List.of("n,a=alice,\u0001auth=Bearer t\u0001\u0001", "\u0001");
          case XOAUTH2 -> List.of("user=alice\u0001auth=Bearer t\u0001\u0001", "");
          case PLAIN -> List.of("\0alice\0wonderland");
          case LOGIN -> List.of("alice", "wonderland");
        };
    return texts.stream().map(AuthStage::octets).toList();
  }

  @ParameterizedTest
  @EnumSource(Mechanism.class)
  void everyPrefixOfEachMessageEndsCleanly(Mechanism mechanism) {
    var script = script(mechanism);
    for (int at = 0; at < script.size(); at++) {
      for (int length = 0; length <= script.get(at).length; length++) {
        var changed = new ArrayList<>(script);
        changed.set(at, Arrays.copyOf(script.get(at), length));
        play(mechanism, changed);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Mechanism.class)
  void everyMutationOfAMessageEndsCleanly(Mechanism mechanism) {
    var random = new SplittableRandom(SEED + mechanism.word().hashCode());
    for (int i = 0; i < MUTATIONS; i++) {
      var changed = new ArrayList<>(script(mechanism));
      int at = random.nextInt(changed.size());
      var message = changed.get(at);
      for (int j = random.nextInt(3); j >= 0; j--) {
        message = mutated(message, random);
      }
      changed.set(at, message);
      try {
        play(mechanism, changed);
      } catch (RuntimeException | AssertionError fault) {
        throw new AssertionError(
            "seed " + SEED + ", mutation " + i + " of " + mechanism + ": " + text(changed), fault);
      }
    }
  }

  private static List<String> text(List<byte[]> messages) {
    return messages.stream().map(Arrays::toString).toList();
  }

  private static byte[] mutated(byte[] message, SplittableRandom random) {
    int at = random.nextInt(message.length + 1);
    var interesting = new byte[] {0, 1, ',', '=', 'p', 'n', (byte) 0xff, (byte) 0xc3, ' '};
    byte other =
        random.nextBoolean()
            ? interesting[random.nextInt(interesting.length)]
            : (byte) random.nextInt(256);
    var head = Arrays.copyOf(message, at);
    var tail = Arrays.copyOfRange(message, at, message.length);
    return switch (random.nextInt(5)) {
      case 0 -> joined(head, new byte[] {other}, tail);
      case 1 -> joined(head, tail.length > 0 ? Arrays.copyOfRange(tail, 1, tail.length) : tail);
      case 2 -> joined(tail, head);
      case 3 -> joined(head, message, tail);
      default -> {
        var changed = message.clone();
        if (at < changed.length) {
          changed[at] = other;
        }
        yield changed;
      }
    };
  }

  private static byte[] joined(byte[]... parts) {
    int length = Arrays.stream(parts).mapToInt(part -> part.length).sum();
    var joined = new byte[length];
    int at = 0;
    for (var part : parts) {
      System.arraycopy(part, 0, joined, at, part.length);
      at += part.length;
    }
    return joined;
  }

  private void play(Mechanism mechanism, List<byte[]> messages) {
    var tls = AuthStage.tls(AuthStage.ADDRESS);
    var connection =
        new SaslConnection("smtp", "", "", tls.address(), true, "alice", tls.bindings(), false);
    boolean first = mechanism == Mechanism.LOGIN;
    var dialogue =
        stage.begin(AuthStage.ALL, connection, mechanism, first ? null : messages.getFirst());
    for (var message : first ? messages : messages.subList(1, messages.size())) {
      settle();
      if (dialogue.outcomes.isEmpty()) {
        dialogue.respond(withNonce(message, dialogue));
      }
    }
    settle();
    assertThat(dialogue.outcomes).hasSizeLessThanOrEqualTo(1);
    assertThat(dialogue.challenges).hasSizeLessThanOrEqualTo(2);
    if (dialogue.outcomes.isEmpty()) {
      dialogue.cancel();
    }
    stage.audit.clear();
  }

  private void settle() {
    stage.pool.run();
    stage.schedulers.advance(TimeUnit.MILLISECONDS.toNanos(5));
  }

  private static byte[] withNonce(byte[] message, Dialogue dialogue) {
    var text = new String(message, StandardCharsets.ISO_8859_1);
    var challenge = dialogue.challenges.isEmpty() ? "" : dialogue.challenge();
    if (!text.contains("NONCE") || !challenge.startsWith("r=")) {
      return message;
    }
    var nonce = challenge.substring(2, challenge.indexOf(','));
    return text.replace("NONCE", nonce).getBytes(StandardCharsets.ISO_8859_1);
  }
}
