package org.flywheelmta.main;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Notifications as others read them: Python's {@code email}, and Postfix, which takes them apart
 * and keeps them. smtp-sink refuses the mail.
 */
@Tag("peers")
final class BouncePeersTest {
  /** Prints what the parser finds, one fact a line, and what it finds wrong. */
  private static final String READER =
      """
      import email, email.policy, sys
      mail = email.message_from_binary_file(open(sys.argv[1], 'rb'), policy=email.policy.default)
      def defects(part, depth):
          for defect in part.defects:
              print('DEFECT', type(defect).__name__)
          for name in part.keys():
              for defect in part[name].defects:
                  print('DEFECT', name, type(defect).__name__)
      print('type', mail.get_content_type(), mail.get_param('report-type'))
      print('from', mail['from'].addresses[0].addr_spec)
      print('to', mail['to'].addresses[0].addr_spec)
      print('auto', mail['auto-submitted'])
      print('dated', mail['date'].datetime is not None)
      defects(mail, 0)
      parts = list(mail.iter_parts())
      print('parts', ' '.join(part.get_content_type() for part in parts))
      print('text', parts[0].get_content().splitlines()[0])
      defects(parts[0], 1)
      for block in parts[1].get_payload():
          defects(block, 2)
          for name, value in block.items():
              print('field', name + ':', value)
      quoted = parts[2]
      if quoted.get_content_type() == 'message/rfc822':
          inner = quoted.get_payload()[0]
          defects(inner, 2)
          print('quoted', inner['subject'], '|', inner.get_content().strip())
      else:
          print('quoted', email.message_from_string(quoted.get_content())['subject'])
      """;

  @TempDir private Path folder;

  @Test
  void pythonAndPostfixReadWhatWeMake() throws Exception {
    int refusing = RunningServer.freePort();
    int keeping = RunningServer.freePort();
    var programs = new PeerPrograms(folder);
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    var sink =
        programs.start(
            "smtp-sink", List.of("-u", "nobody", "-f", "RCPT", "127.0.0.1:" + refusing, "16"));
    var watched =
        List.of(
            "^Content-Type: multipart\\/report",
            "^Content-Type: message\\/delivery-status",
            "^Content-Type: message\\/rfc822",
            "^X-Nested: here");
    try (var postfix = PostfixInstance.watching(folder.resolve("postfix"), keeping, watched);
        var server = RunningServer.start(folder.resolve("data"), relay(refusing, keeping))) {
      send(server.port(), " RET=FULL ENVID=q+2B1", " NOTIFY=FAILURE ORCPT=rfc822;B+2Bob@away.test");
      send(server.port(), "", " NOTIFY=NEVER");
      send(server.port(), "", "");
      var mailbox = postfix.mailbox();
      PeerPrograms.await(mailbox, () -> mails(mailbox).size() == 2);
      var full = mails(mailbox).stream().filter(mail -> read(mail).contains("message/rfc822"));
      var facts = facts(programs, full.findFirst().orElseThrow());
      assertThat(facts)
          .contains(
              "type multipart/report delivery-status",
              "from MAILER-DAEMON@mta.test",
              "to alice@here.test",
              "auto auto-replied",
              "dated True",
              "parts text/plain message/delivery-status message/rfc822",
              "text This is the mail system of mta.test.",
              "field Reporting-MTA: dns; mta.test",
              "field Original-Envelope-Id: q+1",
              "field Original-Recipient: rfc822; B+ob@away.test",
              "field Final-Recipient: rfc822; bob@away.test",
              "field Action: failed",
              "quoted kept whole | Hello")
          .anyMatch(fact -> fact.matches("field Status: 5\\.\\d+\\.\\d+"))
          .anyMatch(fact -> fact.startsWith("field Diagnostic-Code: smtp; 5"))
          .noneMatch(fact -> fact.startsWith("DEFECT"));
      var brief = mails(mailbox).stream().filter(mail -> read(mail).contains("rfc822-headers"));
      assertThat(facts(programs, brief.findFirst().orElseThrow()))
          .contains(
              "parts text/plain message/delivery-status text/rfc822-headers", "quoted kept whole")
          .noneMatch(fact -> fact.startsWith("DEFECT"));
      assertThat(postfix.log())
          .contains("warning: header Content-Type: multipart/report; report-type=delivery-status")
          .contains("warning: header Content-Type: message/delivery-status")
          .contains("warning: header Content-Type: message/rfc822")
          .contains("warning: header X-Nested: here");
    } finally {
      PeerPrograms.stop(sink);
    }
  }

  private List<String> facts(PeerPrograms programs, Path mail) throws IOException {
    var script = Files.writeString(folder.resolve("reader.py"), READER);
    programs.run("python3", List.of(script.toString(), mail.toString()), new byte[0]);
    return programs.output("python3").lines().toList();
  }

  private static String read(Path mail) {
    try {
      return Files.readString(mail, StandardCharsets.ISO_8859_1);
    } catch (IOException unreadable) {
      throw new AssertionError(unreadable);
    }
  }

  private static List<Path> mails(Path mailbox) {
    var mails = new ArrayList<Path>();
    try (var files = Files.newDirectoryStream(mailbox)) {
      files.forEach(mails::add);
    } catch (IOException unreadable) {
      throw new AssertionError(unreadable);
    }
    return mails;
  }

  /** Sends a mail with these parameters of MAIL and RCPT. */
  private static void send(int port, String mail, String rcpt) throws IOException {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      var reader =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
      expect(reader, "220");
      for (var command :
          List.of(
              "EHLO here.test",
              "MAIL FROM:<alice@here.test>" + mail,
              "RCPT TO:<bob@away.test>" + rcpt,
              "DATA",
              "Subject: kept whole\r\nX-Nested: here\r\n\r\nHello\r\n.",
              "QUIT")) {
        socket.getOutputStream().write((command + "\r\n").getBytes(StandardCharsets.US_ASCII));
        expect(reader, command.equals("DATA") ? "354" : "2");
      }
    }
  }

  private static void expect(BufferedReader reader, String code) throws IOException {
    String line;
    do {
      line = reader.readLine();
      assertThat(line).startsWith(code);
    } while (line.length() > 3 && line.charAt(3) == '-');
  }

  private static String relay(int refusing, int keeping) {
    return """
        hostname = "mta.test"
        retry_interval = 1s
        spool { path = "spool"  segment_size = 4MB }
        domain "away.test" { gateway = "127.0.0.1:%d" }
        domain "here.test" { gateway = "127.0.0.1:%d" }
        esmtp_listener { listen "127.0.0.1:0" { relay_hosts = ( "127.0.0.0/8" ) } }
        """
        .formatted(refusing, keeping);
  }
}
