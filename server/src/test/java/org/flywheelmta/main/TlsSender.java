package org.flywheelmta.main;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Programs of others that send one mail over TLS, and only where they believe the other side. */
enum TlsSender {
  SWAKS("swaks", false) {
    @Override
    List<String> arguments(Attempt attempt) {
      return List.of(
          "--server",
          "localhost:" + attempt.port(),
          "--from",
          attempt.sender(),
          "--to",
          RECIPIENT,
          attempt.implicit() ? "--tls-on-connect" : "--tls",
          "--tls-verify",
          "--tls-ca-path",
          attempt.authorities().toString());
    }
  },
  CURL("curl", true) {
    @Override
    List<String> arguments(Attempt attempt) {
      return List.of(
          "--silent",
          "--show-error",
          "--url",
          (attempt.implicit() ? "smtps" : "smtp") + "://localhost:" + attempt.port(),
          "--ssl-reqd",
          "--cacert",
          attempt.authorities().toString(),
          "--mail-from",
          attempt.sender(),
          "--mail-rcpt",
          RECIPIENT,
          "--upload-file",
          "-");
    }
  },
  PYTHON("python3", true) {
    @Override
    List<String> arguments(Attempt attempt) {
      return attempt.scripted("smtplib-tls.py");
    }
  },
  NODEMAILER("node", true) {
    @Override
    List<String> arguments(Attempt attempt) {
      var arguments = new ArrayList<>(attempt.scripted("nodemailer.js"));
      arguments.add(1, NODE_MODULES.toAbsolutePath().toString());
      return arguments;
    }
  },
  PERL("perl", true) {
    @Override
    List<String> arguments(Attempt attempt) {
      return attempt.scripted("net-smtp.pl");
    }
  },
  MSMTP("msmtp", true) {
    @Override
    List<String> arguments(Attempt attempt) {
      return List.of(
          "--host=localhost",
          "--port=" + attempt.port(),
          "--tls=on",
          "--tls-starttls=" + (attempt.implicit() ? "off" : "on"),
          "--tls-trust-file=" + attempt.authorities(),
          "--from=" + attempt.sender(),
          RECIPIENT);
    }
  },
  OPENSSL("openssl", true) {
    @Override
    List<String> arguments(Attempt attempt) {
      var arguments = new ArrayList<>(List.of("s_client"));
      if (!attempt.implicit()) {
        arguments.addAll(List.of("-starttls", "smtp"));
      }
      arguments.addAll(
          List.of(
              "-connect",
              "localhost:" + attempt.port(),
              "-quiet",
              "-crlf",
              "-CAfile",
              attempt.authorities().toString(),
              "-verify_hostname",
              "localhost",
              "-verify_return_error"));
      return arguments;
    }

    @Override
    String input(Attempt attempt) {
      return "EHLO openssl.test\nMAIL FROM:<%s>\nRCPT TO:<%s>\nDATA\nSubject: secured\n\nHello.\n.\nQUIT\n"
          .formatted(attempt.sender(), RECIPIENT);
    }
  };

  static final Path NODE_MODULES = Path.of("../target/peers/node_modules");
  private static final String RECIPIENT = "u@sink.test";

  /**
   * One mail to localhost.
   *
   * @param implicit whether the handshake comes first
   * @param authorities the file of certificates that the program is to believe
   */
  record Attempt(int port, boolean implicit, Path authorities, String sender) {
    /** How the scripts beside the tests are called. */
    List<String> scripted(String script) {
      return List.of(
          Path.of("src/test/peers").resolve(script).toAbsolutePath().toString(),
          implicit ? "implicit" : "starttls",
          String.valueOf(port),
          authorities.toString(),
          sender,
          RECIPIENT);
    }
  }

  private final String program;
  private final boolean knowsNames;

  TlsSender(String program, boolean knowsNames) {
    this.program = program;
    this.knowsNames = knowsNames;
  }

  abstract List<String> arguments(Attempt attempt);

  /** What the program reads. */
  String input(Attempt attempt) {
    return "From: %s\r\nSubject: secured\r\n\r\nHello.\r\n".formatted(attempt.sender());
  }

  String program() {
    return program;
  }

  /** False where it believes a certificate of an authority whoever it is for. */
  boolean knowsNames() {
    return knowsNames;
  }

  /** Sends a mail; the status of the program. */
  int send(PeerPrograms programs, Attempt attempt) throws IOException {
    return send(programs, attempt, List.of());
  }

  /** Sends a mail with further arguments of the program. */
  int send(PeerPrograms programs, Attempt attempt, List<String> more) throws IOException {
    if (this == NODEMAILER && !Files.exists(NODE_MODULES.resolve("nodemailer"))) {
      throw new AssertionError("npm install --prefix target/peers nodemailer, as .ci/run does");
    }
    var all = new ArrayList<>(arguments(attempt));
    all.addAll(more);
    return programs.status(program, all, input(attempt));
  }
}
