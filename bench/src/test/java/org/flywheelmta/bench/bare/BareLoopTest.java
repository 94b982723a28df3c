package org.flywheelmta.bench.bare;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class BareLoopTest {
  private static final InetSocketAddress ANY =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  private static final long LIMIT_SECONDS = 30;

  /** A door that is open; it remembers what went through. */
  private static class Door implements CommitDoor {
    final List<Letter> passed = new CopyOnWriteArrayList<>();

    @Override
    public void commit(List<Letter> letters) throws IOException {
      passed.addAll(letters);
    }

    @Override
    public void close() {}
  }

  /** A door at which the committer waits. */
  private static final class ShutDoor extends Door {
    final CountDownLatch reached = new CountDownLatch(1);
    final CountDownLatch opened = new CountDownLatch(1);

    @Override
    public void commit(List<Letter> letters) throws IOException {
      reached.countDown();
      try {
        assertThat(opened.await(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
      super.commit(letters);
    }
  }

  @Test
  void contentArrivesOctetForOctet() throws Exception {
    var door = new Door();
    var sent = new ArrayList<String>();
    try (var next = NextServer.start(0);
        var bare = BareLoop.start(ANY, next.address(), door)) {
      for (int session = 0; session < 3; session++) {
        try (var client = new Client(bare.address())) {
          client.command("HELO c.test", "250");
          for (int mail = 0; mail < 20; mail++) {
            var content = content(session, mail);
            sent.add(content);
            client.envelope("r" + mail + "@test");
            int half = content.length() / 2;
            client.send(content.substring(0, half));
            client.send(content.substring(half));
            client.expect("250");
          }
          client.command("QUIT", "221");
        }
      }
      assertThat(take(next, sent.size())).containsExactlyInAnyOrderElementsOf(sent);
    }
    assertEverythingGivenBack(door);
  }

  @Test
  void mailThatGoesNowhereIsAnsweredOnceItIsSafe() throws Exception {
    var door = new Door();
    try (var bare = BareLoop.start(ANY, null, door)) {
      try (var client = new Client(bare.address())) {
        client.command("HELO c.test", "250");
        for (int mail = 0; mail < 20; mail++) {
          client.envelope("r" + mail + "@test");
          client.send(content(0, mail));
          client.expect("250");
          assertThat(door.passed).hasSize(mail + 1);
        }
        client.command("QUIT", "221");
      }
    }
    assertEverythingGivenBack(door);
  }

  private static String content(int session, int mail) {
    return "Subject: "
        + session
        + " "
        + mail
        + "\r\n\r\n..dots\r\nlone\nlines\r.\r\n\u00e4\r\n"
        + "x".repeat(mail * 3_000)
        + "\r\n.\r\n";
  }

  @Test
  void acknowledgementComesAfterTheForce() throws Exception {
    var door = new ShutDoor();
    try (var next = NextServer.start(0);
        var bare = BareLoop.start(ANY, next.address(), door);
        var waiting = new Client(bare.address());
        var other = new Client(bare.address());
        var another = new Client(bare.address())) {
      waiting.envelope("r@test");
      waiting.send("text\r\n.\r\n");
      assertThat(door.reached.await(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
      // Both loops go on meanwhile, so whatever could be replied is there by now.
      other.command("NOOP", "250");
      another.command("NOOP", "250");
      assertThat(waiting.hasReply()).isFalse();
      assertThat(next.contents()).isEmpty();
      door.opened.countDown();
      waiting.expect("250");
      assertThat(take(next, 1)).containsExactly("text\r\n.\r\n");
    }
  }

  @Test
  void commandsSentAheadWaitForTheForce() throws Exception {
    var door = new ShutDoor();
    try (var next = NextServer.start(0);
        var bare = BareLoop.start(ANY, next.address(), door);
        var client = new Client(bare.address())) {
      client.envelope("r@test");
      client.send("one\r\n.\r\nMAIL FROM:<a@test>\r\nRCPT TO:<b@test>\r\nRCPT TO:<c@test>\r\nDA");
      assertThat(door.reached.await(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
      client.send("TA\r\n");
      door.opened.countDown();
      for (var code : List.of("250", "250", "250", "250", "354")) {
        client.expect(code);
      }
      client.send(".\r\n");
      client.expect("250");
      assertThat(take(next, 2)).containsExactlyInAnyOrder("one\r\n.\r\n", ".\r\n");
    }
    assertEverythingGivenBack(door);
  }

  @Test
  void whatALostConnectionDidNotDeliverForCertainGoesAgain() throws Exception {
    var door = new Door();
    try (var next = NextServer.start(1);
        var bare = BareLoop.start(ANY, next.address(), door);
        var client = new Client(bare.address())) {
      client.envelope("r@test");
      client.send("text\r\n.\r\n");
      client.expect("250");
      assertThat(take(next, 2)).containsExactly("text\r\n.\r\n", "text\r\n.\r\n");
    }
  }

  @Test
  void contentOfASessionThatEndsIsGivenBack() throws Exception {
    var door = new Door();
    try (var next = NextServer.start(0);
        var bare = BareLoop.start(ANY, next.address(), door)) {
      try (var client = new Client(bare.address())) {
        client.command("RCPT TO:<r@test>", "503");
        client.command("VRFY r@test", "500");
        client.envelope("r@test");
        client.send("half of it\r\n");
      }
      try (var client = new Client(bare.address())) {
        client.command("QUIT", "221");
      }
    }
    assertThat(door.passed).isEmpty();
  }

  private static List<String> take(NextServer next, int count) throws InterruptedException {
    var taken = new ArrayList<String>();
    for (int i = 0; i < count; i++) {
      var content = next.contents().poll(LIMIT_SECONDS, TimeUnit.SECONDS);
      assertThat(content).as("mail %d of %d", i + 1, count).isNotNull();
      taken.add(content);
    }
    return taken;
  }

  private static void assertEverythingGivenBack(Door door) {
    assertThat(door.passed)
        .isNotEmpty()
        .allSatisfy(
            letter -> {
              assertThat(letter.envelope().refCnt()).isZero();
              assertThat(letter.parts()).allSatisfy(part -> assertThat(part.refCnt()).isZero());
            });
  }
}
