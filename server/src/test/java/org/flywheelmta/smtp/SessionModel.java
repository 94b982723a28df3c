package org.flywheelmta.smtp;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a session is to answer, by RFC 5321 and the manual: a small machine over whole commands,
 * written apart from the session. Limits are those of {@link #OPTIONS}.
 */
final class SessionModel {
  static final int RECIPIENTS = 100;
  static final int ERRORS = 6;
  static final int JUNK = 12;
  static final int SIZE = 200;
  static final String OPTIONS =
      """
      relay_domains = ( "y.test" "xn--bcher-kva.test" )
      trace_headers = false
      max_recipients_per_message = %d
      max_errors = %d
      max_junk_commands = %d
      max_message_size = %d
      max_received_headers = 1
      """
          .formatted(RECIPIENTS, ERRORS, JUNK, SIZE);

  /** Spellings of a domain that may be relayed to, in lower case. */
  private static final List<String> RELAYED =
      List.of("y.test", "xn--bcher-kva.test", "b\u00fccher.test");

  /** A mail that was acknowledged. */
  record Mail(String sender, List<String> recipients, String content) {}

  private enum State {
    FRESH,
    GREETED,
    SENDER,
    RECIPIENT,
    CLOSED
  }

  final List<String> answers = new ArrayList<>(List.of("220"));
  final List<Mail> mails = new ArrayList<>();
  private State state = State.FRESH;
  private String sender = "";
  private boolean utf8;
  private List<String> recipients = new ArrayList<>();
  private int errors;
  private int junk;

  boolean closed() {
    return state == State.CLOSED;
  }

  /** True when what comes next is mail data. */
  boolean inData() {
    return !closed() && answers.getLast().equals("354");
  }

  /** One command line without its CRLF. */
  void command(String line) {
    if (closed()) {
      return;
    }
    if (line.chars().anyMatch(c -> (c < ' ' && c != '\t') || c == 127)) {
      refuse("500 5.5.2");
      return;
    }
    var words = line.split(" ", 2);
    var argument = words.length > 1 ? words[1].strip() : "";
    switch (words[0].toUpperCase(Locale.ROOT)) {
      case "EHLO", "HELO" -> hello(argument);
      case "MAIL" -> mail(argument);
      case "RCPT" -> rcpt(argument);
      case "DATA" -> data(argument);
      case "RSET" -> rset(argument);
      case "NOOP" -> junk("250 2.0.0");
      case "HELP" -> junk("214 2.0.0");
      case "VRFY" -> junk(argument.isEmpty() ? "501 5.5.4" : "252 2.5.0");
      case "QUIT" -> quit(argument);
      case "EXPN", "BDAT", "AUTH", "STARTTLS", "ETRN", "TURN" -> refuse("502 5.5.1");
      default -> refuse("500 5.5.1");
    }
  }

  private void hello(String name) {
    if (name.isEmpty() || name.contains(" ")) {
      refuse("501 5.5.4");
      return;
    }
    forget(State.GREETED);
    junk("250");
  }

  private void mail(String argument) {
    if (state != State.GREETED) {
      refuse("503 5.5.1");
    } else if (!argument.startsWith("FROM:")) {
      refuse("501 5.5.4");
    } else {
      var path = argument.substring(5).split(" ", 2);
      var address = address(path[0]);
      var parameter = path.length > 1 ? path[1] : "";
      if (address == null) {
        refuse("501 5.1.7");
      } else if (parameter.startsWith("SIZE=") && Integer.parseInt(parameter.substring(5)) > SIZE) {
        refuse("552 5.3.4");
      } else if (parameter.startsWith("SMTPUTF8=")) {
        refuse("501 5.5.4");
      } else if (!List.of("", "SMTPUTF8").contains(parameter) && !parameter.startsWith("SIZE=")) {
        refuse("555 5.5.4");
      } else if (isBeyondAscii(address) && parameter.isEmpty()) {
        refuse("550 5.6.7");
      } else if (address.endsWith("-.test")) {
        refuse("501 5.1.8");
      } else {
        sender = address;
        utf8 = parameter.equals("SMTPUTF8");
        state = State.SENDER;
        answers.add("250 2.1.0");
      }
    }
  }

  private void rcpt(String argument) {
    if (state != State.SENDER && state != State.RECIPIENT) {
      refuse("503 5.5.1");
    } else if (!argument.startsWith("TO:")) {
      refuse("501 5.5.4");
    } else {
      var address = address(argument.substring(3));
      if (address == null) {
        refuse("501 5.1.3");
      } else if (isBeyondAscii(address) && !utf8) {
        refuse("553 5.6.7");
      } else if (address.endsWith("-.test")) {
        refuse("501 5.1.2");
      } else if (!address.contains("@")) {
        refuse("501 5.1.3");
      } else if (!RELAYED.contains(domain(address))) {
        refuse("550 5.7.1");
      } else {
        recipients.add(address);
        state = State.RECIPIENT;
        answers.add("250 2.1.5");
      }
    }
  }

  private static String domain(String address) {
    return address.substring(address.indexOf('@') + 1).toLowerCase(Locale.ROOT);
  }

  private static boolean isBeyondAscii(String text) {
    return text.chars().anyMatch(c -> c > 127);
  }

  /** The address of a path whose octets are its characters; null for a bad one. */
  private static @Nullable String address(String path) {
    var octets = unbracket(path);
    if (octets == null) {
      return null;
    }
    try {
      var bytes = ByteBuffer.wrap(octets.getBytes(StandardCharsets.ISO_8859_1));
      return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
    } catch (CharacterCodingException illFormed) {
      return null;
    }
  }

  private static @Nullable String unbracket(String path) {
    return path.startsWith("<") && path.endsWith(">") ? path.substring(1, path.length() - 1) : null;
  }

  private void data(String argument) {
    if (!argument.isEmpty()) {
      refuse("501 5.5.4");
    } else if (state == State.SENDER) {
      refuse("554 5.5.1");
    } else if (state != State.RECIPIENT) {
      refuse("503 5.5.1");
    } else {
      answers.add("354");
    }
  }

  /** Mail data with its end. */
  void body(String data) {
    var mail = MailText.of(data, false);
    if (mail.loneBreak()) {
      forget(State.GREETED);
      refuse("554 5.6.0");
    } else if (mail.content().length() > SIZE) {
      forget(State.GREETED);
      refuse("552 5.3.4");
    } else if (mail.receivedHeaders() > 1) {
      forget(State.GREETED);
      refuse("554 5.4.6");
    } else {
      mails.add(new Mail(sender, recipients, mail.content()));
      forget(State.GREETED);
      junk = 0;
      answers.add("250 2.0.0");
    }
  }

  private void rset(String argument) {
    if (argument.isEmpty()) {
      forget(state == State.FRESH ? State.FRESH : State.GREETED);
      junk("250 2.0.0");
    } else {
      refuse("501 5.5.4");
    }
  }

  private void quit(String argument) {
    if (argument.isEmpty()) {
      answers.add("221 2.0.0");
      state = State.CLOSED;
    } else {
      refuse("501 5.5.4");
    }
  }

  private void forget(State next) {
    sender = "";
    utf8 = false;
    recipients = new ArrayList<>();
    state = next;
  }

  private void junk(String answer) {
    answers.add(answer);
    if (++junk > JUNK) {
      answers.add("421 4.7.0");
      state = State.CLOSED;
    }
  }

  private void refuse(String answer) {
    answers.add(answer);
    if (++errors > ERRORS) {
      answers.add("421 4.7.0");
      state = State.CLOSED;
    }
  }
}
