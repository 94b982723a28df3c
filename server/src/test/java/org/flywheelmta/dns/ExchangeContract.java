package org.flywheelmta.dns;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.flywheelmta.sim.Zone;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What every exchange promises; the real one and the simulated one pass alike. */
@Timeout(60)
abstract class ExchangeContract {
  static final String APEX = "flywheel.test";
  static final int LONG_TEXTS = 12;

  private static final String LONG_TEXT = "v=long \"quoted\" \\ \u00e9 ".repeat(15);
  private static final List<String> HOSTS =
      IntStream.range(0, 60).mapToObj(i -> "a-host-with-a-long-name-" + i + ".big.test").toList();

  /** What the server under test has. */
  static Zone zone() {
    return new Zone(APEX, 120, 60)
        .addresses("ns." + APEX, 300, "127.0.0.1")
        .addresses("a." + APEX, 300, "192.0.2.1", "192.0.2.2", "2001:db8::1")
        .exchangers("mail." + APEX, 600, "one." + APEX, "two." + APEX)
        .noMail("none." + APEX, 30)
        .texts("text." + APEX, 40, List.of("v=spf1 -all", LONG_TEXT))
        .texts("longtext." + APEX, 40, longTexts())
        .exchangers("manyhosts." + APEX, 50, HOSTS.toArray(String[]::new))
        .alias("alias." + APEX, 20, "second." + APEX)
        .alias("second." + APEX, 10, "a." + APEX)
        .alias("nowhere." + APEX, 20, "missing." + APEX)
        .alias("nodata." + APEX, 20, "mail." + APEX)
        .alias("abroad." + APEX, 20, "a.abroad.example")
        .alias("circle." + APEX, 20, "back." + APEX)
        .alias("back." + APEX, 20, "circle." + APEX)
        .addresses("deep.below." + APEX, 20, "192.0.2.9");
  }

  private static List<String> longTexts() {
    return IntStream.range(0, LONG_TEXTS).mapToObj(i -> i + LONG_TEXT).toList();
  }

  /** Asks the server under test, all at once; the replies are in the order of the questions. */
  abstract List<Reply> ask(List<Question> questions) throws Exception;

  private Reply ask(String name, RecordType type) throws Exception {
    return ask(List.of(new Question(name + "." + APEX, type))).getFirst();
  }

  private static Reply.Told told(Reply reply) {
    assertThat(reply).isInstanceOf(Reply.Told.class);
    return (Reply.Told) reply;
  }

  /** The reply with its records in an order that no server changes. */
  private static Reply.Told sorted(Reply reply) {
    var told = told(reply);
    var answers = new ArrayList<>(told.answers());
    answers.sort(Comparator.comparing(Object::toString));
    return new Reply.Told(told.nameExists(), answers, told.negativeSeconds());
  }

  private void isAsInTheZone(String name, RecordType type) throws Exception {
    var expected = zone().answer(new Question(name + "." + APEX, type));
    assertThat(sorted(ask(name, type))).isEqualTo(sorted(expected));
  }

  @Test
  void recordsComeWithTheirTtl() throws Exception {
    isAsInTheZone("a", RecordType.A);
    isAsInTheZone("a", RecordType.AAAA);
    isAsInTheZone("mail", RecordType.MX);
    assertThat(told(ask("a", RecordType.AAAA)).answers())
        .singleElement()
        .satisfies(one -> assertThat(one.ttlSeconds()).isEqualTo(300))
        .satisfies(one -> assertThat(one.owner()).isEqualTo("a." + APEX));
  }

  @Test
  void nullMxHasAnEmptyHost() throws Exception {
    assertThat(told(ask("none", RecordType.MX)).answers())
        .containsExactly(new Reply.Said("none." + APEX, 30, new Rdata.Exchanger(0, "")));
  }

  @Test
  void stringsOfATextAreJoined() throws Exception {
    isAsInTheZone("text", RecordType.TXT);
  }

  @Test
  void answerThatDoesNotFitIntoADatagramComesWhole() throws Exception {
    isAsInTheZone("longtext", RecordType.TXT);
    isAsInTheZone("manyhosts", RecordType.MX);
    assertThat(told(ask("longtext", RecordType.TXT)).answers()).hasSize(LONG_TEXTS);
    assertThat(told(ask("manyhosts", RecordType.MX)).answers()).hasSize(HOSTS.size());
  }

  @Test
  void nameThatDoesNotExistIsNoName() throws Exception {
    assertThat(ask("missing", RecordType.A)).isEqualTo(new Reply.Told(false, List.of(), 60));
  }

  @Test
  void nameWithoutSuchRecordsIsNoData() throws Exception {
    var nothing = new Reply.Told(true, List.of(), 60);
    assertThat(ask("mail", RecordType.A)).isEqualTo(nothing);
    assertThat(ask("below", RecordType.A)).isEqualTo(nothing);
  }

  @Test
  void aliasesAreToldWithWhatTheyLeadTo() throws Exception {
    isAsInTheZone("alias", RecordType.A);
    isAsInTheZone("nowhere", RecordType.A);
    isAsInTheZone("nodata", RecordType.A);
    isAsInTheZone("abroad", RecordType.A);
    assertThat(told(ask("alias", RecordType.A)).answers()).hasSize(4);
    assertThat(told(ask("nowhere", RecordType.A)).nameExists()).isFalse();
  }

  @Test
  void aliasesInACircleAreToldAndEnd() throws Exception {
    assertThat(told(ask("circle", RecordType.A)).answers())
        .contains(
            new Reply.Alias("circle." + APEX, 20, "back." + APEX),
            new Reply.Alias("back." + APEX, 20, "circle." + APEX));
  }

  @Test
  void refusalIsTrouble() throws Exception {
    assertThat(ask(List.of(new Question("elsewhere.example", RecordType.A))).getFirst())
        .isEqualTo(new Reply.Trouble("the server answers REFUSED"));
  }

  @Test
  void manyQueriesAtOnceAreKeptApart() throws Exception {
    var questions = new ArrayList<Question>();
    for (int i = 0; i < 300; i++) {
      questions.add(new Question((i % 2 == 0 ? "a." : "x" + i + ".") + APEX, RecordType.A));
    }
    var replies = ask(questions);
    for (int i = 0; i < questions.size(); i++) {
      assertThat(told(replies.get(i)).nameExists()).isEqualTo(i % 2 == 0);
    }
  }
}
