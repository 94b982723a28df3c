package org.flywheelmta.main;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.flywheelmta.base.Clock;
import org.flywheelmta.net.SelfSigned;

/**
 * A server whose listeners are secured, and where the mail ends that they take.
 *
 * @param folder the data folder
 */
record SecuredServer(RunningServer running, Path folder) implements AutoCloseable {
  /**
   * Starts one.
   *
   * @param folder the data folder, from which paths of certificates count
   * @param listener the content of an {@code esmtp_listener}, whose first listen says port 0
   */
  static SecuredServer start(Path folder, String listener) throws Exception {
    return start(folder, listener, "");
  }

  /** Starts one with further options of the server as a whole. */
  static SecuredServer start(Path folder, String listener, String global) throws Exception {
    var running =
        RunningServer.start(
            folder,
            """
            gateway = "127.0.0.1:%1$d"
            retry_interval = 1s
            tls_reload_interval = 1s
            spool { path = "spool"  segment_size = 4MB }
            %3$s
            esmtp_listener { %2$s }
            sandbox_listener {
              sandbox_path = "sandbox"
              sandbox_max_messages = 10000
              sandbox_max_bytes = 1GB
              listen "127.0.0.1:%1$d" { }
            }
            """
                .formatted(RunningServer.freePort(), listener, global));
    return new SecuredServer(running, folder);
  }

  /** A listen of this machine that relays, with further options. */
  static String listen(int port, String options) {
    return "listen \"127.0.0.1:%d\" { relay_hosts = ( \"127.0.0.0/8\" )\n%s }\n"
        .formatted(port, options);
  }

  /** Makes a certificate with its key in one file, which everybody may read. */
  static Path certificate(Path file, String name, String... addresses) throws IOException {
    Files.createDirectories(file.toAbsolutePath().getParent());
    return Files.write(
        file,
        SelfSigned.pem(SelfSigned.Kind.RSA, List.of(name), List.of(addresses), Clock.system()));
  }

  /** The port of its first listen. */
  int port() {
    return running.port();
  }

  Path log() {
    return folder.resolve("log");
  }

  /** Waits for the mail of a sender to reach its end, and tells what became of it. */
  String awaitMailOf(String sender) throws Exception {
    var ends = folder.resolve("sandbox/new");
    PeerPrograms.await(ends, () -> !mailsOf(sender).isEmpty());
    var mails = mailsOf(sender);
    assertThat(mails).as(sender).hasSize(1);
    return mails.getFirst();
  }

  /** The mails of a sender that have reached their end. */
  List<String> mailsOf(String sender) {
    var mails = new ArrayList<String>();
    try (var files = Files.newDirectoryStream(folder.resolve("sandbox/new"))) {
      for (var file : files) {
        var mail = Files.readString(file, StandardCharsets.ISO_8859_1);
        if (mail.startsWith("Return-Path: <" + sender + ">\n")) {
          mails.add(mail);
        }
      }
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
    return mails;
  }

  /** The events of one type that tell of a sender. */
  List<String> eventsOf(String type, String sender) {
    return PeerPrograms.events(log(), type).stream()
        .filter(line -> line.contains("\"sender\":\"" + sender + "\""))
        .toList();
  }

  /** Waits for the mail of a sender, and sees that it came secured and that its traces say so. */
  void checkArrivedSecured(String sender) throws Exception {
    checkArrivedSecured(sender, "ESMTPS");
  }

  /** As {@link #checkArrivedSecured(String)}, with what Received says of the protocol. */
  void checkArrivedSecured(String sender, String protocol) throws Exception {
    assertThat(awaitMailOf(sender))
        .containsPattern(
            "by mta\\.test \\(Flywheel\\) with " + protocol + " id \\w+\\s+tls TLS_\\w+;");
    assertThat(eventsOf("reception", sender))
        .singleElement()
        .asString()
        .containsPattern("\"tls_version\":\"TLSv1\\.[23]\",\"tls_cipher\":\"TLS_\\w+\"");
  }

  @Override
  public void close() {
    running.close();
  }
}
