package org.flywheelmta.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Postfix's {@code smtp-source}, which sends mails as fast as they are taken. */
final class SmtpSource {
  static final String PROGRAM = "smtp-source";

  private SmtpSource() {}

  /** Starts it; it ends when all mails are acknowledged, or with an error at the first refusal. */
  static Child start(Site site, RelayCase relayCase, int messages, int port) throws IOException {
    var command = new ArrayList<>(List.of(Programs.path(PROGRAM), "-4", "-N"));
    if (relayCase.kept()) {
      command.add("-d");
    }
    command.addAll(
        List.of(
            "-l",
            Integer.toString(relayCase.length()),
            "-m",
            Integer.toString(messages),
            "-s",
            Integer.toString(relayCase.sessions()),
            "-M",
            "source.bench.test",
            "-f",
            "sender@source.bench.test",
            "-t",
            "recipient@sink.bench.test",
            Ports.HOST + ":" + port));
    return site.start(PROGRAM, command, Map.of(), List.of());
  }
}
