package org.flywheelmta.main;

import java.io.IOException;
import java.util.List;
import java.util.Locale;

/** Programs of others that log in before they send one mail, each by one mechanism. */
enum AuthSender {
  SWAKS_PLAIN(TlsSender.SWAKS, "PLAIN"),
  SWAKS_LOGIN(TlsSender.SWAKS, "LOGIN"),
  CURL_PLAIN(TlsSender.CURL, "PLAIN"),
  CURL_LOGIN(TlsSender.CURL, "LOGIN"),
  PYTHON_PLAIN(TlsSender.PYTHON, "PLAIN"),
  PYTHON_LOGIN(TlsSender.PYTHON, "LOGIN"),
  NODEMAILER_PLAIN(TlsSender.NODEMAILER, "PLAIN"),
  NODEMAILER_LOGIN(TlsSender.NODEMAILER, "LOGIN"),
  PERL_PLAIN(TlsSender.PERL, "PLAIN"),
  PERL_LOGIN(TlsSender.PERL, "LOGIN"),
  MSMTP_SCRAM(TlsSender.MSMTP, "SCRAM-SHA-256");

  private final TlsSender sender;
  private final String mechanism;

  AuthSender(TlsSender sender, String mechanism) {
    this.sender = sender;
    this.mechanism = mechanism;
  }

  String mechanism() {
    return mechanism;
  }

  String program() {
    return sender.program();
  }

  /** The account that it logs in to. */
  String account() {
    return name().toLowerCase(Locale.ROOT) + "@accounts.test";
  }

  /** Sends a mail; the status of the program. */
  int send(PeerPrograms programs, TlsSender.Attempt attempt, String password) throws IOException {
    return sender.send(programs, attempt, login(password));
  }

  private List<String> login(String password) {
    return switch (sender) {
      case SWAKS ->
          List.of("--auth", mechanism, "--auth-user", account(), "--auth-password", password);
      case CURL -> List.of("--user", account() + ":" + password, "--login-options", options());
      case MSMTP ->
          List.of(
              "--auth=" + mechanism.toLowerCase(Locale.ROOT),
              "--user=" + account(),
              "--passwordeval=echo " + password);
      case PYTHON, NODEMAILER, PERL -> List.of(mechanism, account(), password);
      case OPENSSL -> List.of();
    };
  }

  private String options() {
    return "AUTH=" + mechanism;
  }
}
