package org.flywheelmta.main;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Mail over TLS from mail software that others wrote, with the TLS that each of them has. */
@Tag("peers")
final class TlsPeersTest {
  @TempDir private Path folder;

  @ParameterizedTest
  @EnumSource
  void mailOfProgramArrivesSecuredFromWhomItBelieves(TlsSender program) throws Exception {
    var data = folder.resolve("data");
    var right = SecuredServer.certificate(data.resolve("localhost.pem"), "localhost");
    var wrong = SecuredServer.certificate(data.resolve("other.pem"), "other.test");
    var authorities = authorities(program.knowsNames() ? List.of(right, wrong) : List.of(right));
    int implicit = RunningServer.freePort();
    int other = RunningServer.freePort();
    var listener =
        "tls_certificate = ( \"localhost.pem\" )\n"
            + SecuredServer.listen(0, "")
            + SecuredServer.listen(implicit, "tls = implicit")
            + SecuredServer.listen(other, "tls_certificate = ( \"other.pem\" )");
    var programs = new PeerPrograms(folder);
    try (var server = SecuredServer.start(data, listener)) {
      var by = new TlsSender.Attempt(server.port(), false, authorities, "starttls@from.test");
      assertThat(program.send(programs, by)).as(programs.output(program.program())).isZero();
      server.checkArrivedSecured("starttls@from.test");
      by = new TlsSender.Attempt(implicit, true, authorities, "implicit@from.test");
      assertThat(program.send(programs, by)).as(programs.output(program.program())).isZero();
      server.checkArrivedSecured("implicit@from.test");
      by = new TlsSender.Attempt(other, false, authorities, "misled@from.test");
      assertThat(program.send(programs, by)).as("status of one that was misled").isNotZero();
      assertThat(server.eventsOf("reception", "misled@from.test")).isEmpty();
    }
  }

  @Test
  void selfSignedCertificateIsBelievedByWhomItIsGivenTo() throws Exception {
    var data = folder.resolve("data");
    var programs = new PeerPrograms(folder);
    var own = data.resolve("keys/self-signed.pem");
    var listener = "tls_self_signed = on\n" + SecuredServer.listen(0, "");
    byte[] made;
    try (var server = SecuredServer.start(data, listener)) {
      made = Files.readAllBytes(own);
      var by = new TlsSender.Attempt(server.port(), false, own, "first@from.test");
      assertThat(TlsSender.CURL.send(programs, by)).as(programs.output("curl")).isZero();
      server.checkArrivedSecured("first@from.test");
    }
    // It is made once: whoever was given it has it still.
    try (var server = SecuredServer.start(data, listener)) {
      assertThat(own).hasBinaryContent(made);
      var by = new TlsSender.Attempt(server.port(), false, own, "second@from.test");
      assertThat(TlsSender.CURL.send(programs, by)).as(programs.output("curl")).isZero();
      server.checkArrivedSecured("second@from.test");
    }
  }

  @Test
  void mailOfPostfixArrivesSecuredFromWhomItBelieves() throws Exception {
    var data = folder.resolve("data");
    var right = SecuredServer.certificate(data.resolve("localhost.pem"), "localhost");
    var wrong = SecuredServer.certificate(data.resolve("other.pem"), "other.test");
    var authorities = authorities(List.of(right, wrong));
    int implicit = RunningServer.freePort();
    int other = RunningServer.freePort();
    var listener =
        "tls_certificate = ( \"localhost.pem\" )\n"
            + SecuredServer.listen(0, "")
            + SecuredServer.listen(implicit, "tls = implicit")
            + SecuredServer.listen(other, "tls_certificate = ( \"other.pem\" )");
    try (var server = SecuredServer.start(data, listener)) {
      var main =
          """
          smtp_tls_security_level = encrypt
          smtp_tls_CAfile = %s
          transport_maps = inline:{
            {encrypt.test = smtp:[127.0.0.1]:%2$d} {verify.test = verifying:[127.0.0.1]:%2$d}
            {implicit.test = implicit:[127.0.0.1]:%3$d} {misled.test = verifying:[127.0.0.1]:%4$d}}
          """
              .formatted(authorities, server.port(), implicit, other);
      var master =
          """
          implicit unix - - n - - smtp -o smtp_tls_wrappermode=yes
          verifying unix - - n - - smtp -o smtp_tls_security_level=secure
              -o smtp_tls_secure_cert_match=localhost
          """;
      try (var postfix = PostfixInstance.sending(folder.resolve("postfix"), main, master)) {
        for (var name : List.of("misled", "encrypt", "verify", "implicit")) {
          var mail = "From: a@from.test\nSubject: " + name + "\n\nHello.\n";
          postfix.submit(name + "@from.test", List.of("u@" + name + ".test"), mail);
        }
        server.checkArrivedSecured("encrypt@from.test");
        server.checkArrivedSecured("verify@from.test");
        server.checkArrivedSecured("implicit@from.test");
        PeerPrograms.await(
            postfix.logFolder(), () -> log(postfix).contains("Server certificate not verified"));
      }
      assertThat(server.eventsOf("reception", "misled@from.test")).isEmpty();
    }
  }

  private static String log(PostfixInstance postfix) {
    try {
      return postfix.log();
    } catch (IOException unreadable) {
      throw new AssertionError(unreadable);
    }
  }

  /** A file of certificates to believe. */
  private Path authorities(List<Path> certificates) throws IOException {
    var text = new StringBuilder();
    for (var certificate : certificates) {
      text.append(Files.readString(certificate, StandardCharsets.US_ASCII));
    }
    return Files.writeString(folder.resolve("authorities.pem"), text);
  }
}
