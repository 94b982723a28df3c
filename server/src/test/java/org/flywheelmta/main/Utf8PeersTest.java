package org.flywheelmta.main;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Mail beyond ASCII from a Postfix to another, and to smtp-sink, which knows no SMTPUTF8. */
@Tag("peers")
final class Utf8PeersTest {
  private static final String SENDER = "j\u00fcrgen@b\u00fccher.test";
  private static final String BODY = "Gr\u00fc\u00dfe aus K\u00f6ln \u4f8b\u5b50\n.dot\n";
  private static final String MAIL =
      "From: " + SENDER + "\nSubject: gr\u00fc\u00dfe\nX-Kept: \u4f8b\n\n" + BODY;

  @TempDir private Path folder;

  @Test
  void mailBeyondAsciiOfPostfixArrivesAtPostfixAsItWasSent() throws Exception {
    int port = RunningServer.freePort();
    try (var receiver = PostfixInstance.keeping(folder.resolve("receiver"), port);
        var server = RunningServer.start(folder.resolve("data"), relay(port));
        var sender = PostfixInstance.relaying(folder.resolve("sender"), server.port())) {
      sender.submit(SENDER, List.of("\u00e9@\u4f8b\u5b50.test"), MAIL);
      PeerPrograms.await(receiver.mailbox(), () -> !mails(receiver.mailbox()).isEmpty());
      var mail = mails(receiver.mailbox()).getFirst();
      assertThat(mail)
          .contains("Return-Path: <" + SENDER + ">")
          .contains("Delivered-To: \u00e9@\u4f8b\u5b50.test")
          .contains("by mta.test (Flywheel) with UTF8SMTP id ")
          .contains("\nFrom: " + SENDER + "\n")
          .contains("\nSubject: gr\u00fc\u00dfe\nX-Kept: \u4f8b\n")
          .endsWith("\n\n" + BODY);
      // What Postfix says of the last step: with the parameter, or it would say ESMTP.
      assertThat(mail).containsPattern("from mta\\.test .*\\s+by postfix\\.test .* with UTF8SMTP ");
    }
  }

  @Test
  void sinkGetsWhatAsciiCanSayAndTheRestComesBack() throws Exception {
    int port = RunningServer.freePort();
    var programs = new PeerPrograms(folder);
    var dumps = Files.createDirectory(folder.resolve("dumps"));
    Files.setPosixFilePermissions(dumps, PosixFilePermissions.fromString("rwxrwxrwx"));
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    var sink =
        programs.start(
            "smtp-sink", List.of("-u", "nobody", "-d", dumps + "/%M.", "127.0.0.1:" + port, "16"));
    var log = folder.resolve("data").resolve("log");
    try (var server = RunningServer.start(folder.resolve("data"), relay(port));
        var sender = PostfixInstance.relaying(folder.resolve("sender"), server.port())) {
      var plain = "From: a@b.test\nSubject: plain\n\nplain\n";
      sender.submit("a@b\u00fccher.test", List.of("\u00fc@sink.test", "b@b\u00fccher.test"), plain);
      sender.submit(SENDER, List.of("c@sink.test"), plain);
      sender.submit("a@b.test", List.of("d@sink.test", "\u00e9@sink.test"), MAIL);
      sender.submit("a@b.test", List.of("e@sink.test"), plain);
      PeerPrograms.await(
          log,
          () ->
              // The notification to the first sender goes in ASCII, those to the last go as they
              // are,
              // and the one to the second cannot go: it is a failure itself, and ends there.
              PeerPrograms.events(log, "bounce").size() == 5
                  && PeerPrograms.events(log, "delivery").size() == 5);
    } finally {
      PeerPrograms.stop(sink);
    }
    assertThat(bounced(log, "\u00fc@sink.test")).contains("\"5.6.7\"");
    assertThat(bounced(log, "c@sink.test")).contains("\"5.6.7\"");
    assertThat(bounced(log, "d@sink.test")).contains("\"5.6.9\"");
    assertThat(bounced(log, "\u00e9@sink.test")).contains("\"5.6.9\"");
    var heard = String.join("\n", mails(dumps));
    assertThat(heard)
        .contains("X-Mail-Args: <a@xn--bcher-kva.test>")
        .contains("X-Rcpt-Args: <b@xn--bcher-kva.test> ORCPT=utf-8;b@b\\x{FC}cher.test")
        .contains("X-Rcpt-Args: <e@sink.test> ORCPT=rfc822;e@sink.test")
        .contains("X-Rcpt-Args: <a@xn--bcher-kva.test>")
        .contains("Final-Recipient: rfc822; d@sink.test")
        .doesNotContainPattern("X-Mail-Args: .*SMTPUTF8");
  }

  private static String bounced(Path log, String recipient) {
    var told =
        PeerPrograms.events(log, "bounce").stream()
            .filter(line -> line.contains("\"" + recipient + "\""))
            .toList();
    assertThat(told).as(recipient).hasSize(1);
    return told.getFirst();
  }

  private static List<String> mails(Path folder) {
    var mails = new ArrayList<String>();
    try (var files = Files.newDirectoryStream(folder)) {
      for (var file : files) {
        mails.add(Files.readString(file));
      }
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
    return mails;
  }

  private static String relay(int port) {
    return """
        gateway = "127.0.0.1:%d"
        retry_interval = 1s
        spool { path = "spool"  segment_size = 4MB }
        esmtp_listener { listen "127.0.0.1:0" { relay_hosts = ( "127.0.0.0/8" ) } }
        """
        .formatted(port);
  }
}
