package org.flywheelmta.auth;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class AccountsTextTest {
  private static final String SECRET = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
  private static final String HEADER =
      "{\"format\":\"flywheel-accounts\",\"version\":1,\"secret\":\"" + SECRET + "\"}\n";
  private static final String KEYS =
      AuthStage.account("alice", "x", List.of()).passwordKeys().print();

  private static AccountsText text() {
    var accounts = new TreeMap<String, Account>();
    for (var name : List.of("zoe", "al \"ice\"\n", "b\u00fccher")) {
      accounts.put(name, AuthStage.account(name, "secret", List.of("send")));
    }
    return new AccountsText(SECRET, accounts);
  }

  @Test
  void whatIsPrintedIsRead() {
    var text = text().without("al \"ice\"\n");
    var printed = text.print();
    assertThat(new String(printed, StandardCharsets.UTF_8)).startsWith(HEADER).endsWith("}\n");
    assertThat(AccountsText.parse(printed)).isEqualTo(new AccountsText.Read.Good(text));
    assertThat(new String(printed, StandardCharsets.UTF_8)).doesNotContain("secret\",\"zoe");
  }

  @Test
  void propertiesOfALaterVersionArePassedOver() {
    var line = "{\"account\":\"alice\",\"more\":{\"a\":[1]},\"scram-sha-256\":\"" + KEYS + "\"}\n";
    assertThat(AccountsText.parse(AuthStage.octets(HEADER + line)))
        .isInstanceOfSatisfying(
            AccountsText.Read.Good.class,
            good -> assertThat(good.text().accounts()).containsOnlyKeys("alice"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "{}",
        "{\"account\":\"alice\"}",
        "{\"account\":\"alice\",\"scram-sha-256\":\"KEYS\"",
        "{\"account\":\"alice\",\"scram-sha-256\":\"KEYS\"} x",
        "{\"account\":\"\",\"scram-sha-256\":\"KEYS\"}",
        "{\"account\":\"a\\u0007\",\"scram-sha-256\":\"KEYS\"}",
        "{\"account\":\"alice\",\"scram-sha-256\":\"1:2:3:4\"}",
        "{\"account\":\"alice\",\"scram-sha-256\":7}",
        "{\"account\":\"alice\",\"scram-sha-1\":\"KEYS\"}",
        "{\"account\":\"alice\",\"roles\":\"send\",\"scram-sha-256\":\"KEYS\"}",
        "{\"account\":\"alice\",\"roles\":[1],\"scram-sha-256\":\"KEYS\"}"
      })
  void lineThatIsNoAccountIsNamed(String line) {
    assertThat(AccountsText.parse(AuthStage.octets(HEADER + line.replace("KEYS", KEYS) + "\n")))
        .isEqualTo(new AccountsText.Read.Bad("line 2 is no account"));
  }

  @Test
  void accountThatComesTwiceIsTold() {
    var line = "{\"account\":\"alice\",\"scram-sha-256\":\"" + KEYS + "\"}\n";
    assertThat(AccountsText.parse(AuthStage.octets(HEADER + line + line)))
        .isEqualTo(new AccountsText.Read.Bad("line 3 has an account that was there before"));
  }

  @Test
  void everyPrefixAndEveryFlippedOctetIsReadOrRefused() {
    var octets = text().without("al \"ice\"\n").print();
    for (int length = 0; length < octets.length; length++) {
      assertThat(AccountsText.parse(Arrays.copyOf(octets, length))).isNotNull();
    }
    var random = new SplittableRandom(3);
    for (int i = 0; i < octets.length; i++) {
      var flipped = octets.clone();
      flipped[i] ^= (byte) (1 + random.nextInt(255));
      assertThat(AccountsText.parse(flipped)).isNotNull();
    }
  }

  @Test
  void keysSayNothingOfThemselves() {
    assertThat(AuthStage.account("alice", "secret", List.of()).toString()).doesNotContain(KEYS);
  }
}
