package org.flywheelmta.clients;

import java.io.PrintWriter;
import java.io.StringWriter;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** What {@code flywheel send} tells of how it went. */
final class SendReport {
  private static final JsonFactory JSON = new JsonFactory();
  private static final int BAR_CELLS = 30;

  private SendReport() {}

  /** A bar, the share and the rate. */
  static String progress(SendTally.Figures figures, long mails) {
    int cells = (int) (BAR_CELLS * figures.done() / mails);
    return "[%s%s] %d of %d mails, %.0f a second"
        .formatted(
            "#".repeat(cells),
            ".".repeat(BAR_CELLS - cells),
            figures.done(),
            mails,
            figures.done() / Math.max(figures.seconds(), 0.001));
  }

  /** For people: the reply to a single mail, each refusal once, and the sum. */
  static void print(SendTally.Figures figures, long mails, PrintWriter out) {
    if (!figures.lastReply().isEmpty() && mails == 1) {
      out.println(figures.lastReply());
    }
    for (var refusal : figures.refusals()) {
      out.println(
          "refused at "
              + refusal.stage()
              + ": "
              + refusal.reply()
              + (refusal.count() > 1 ? " (" + refusal.count() + " times)" : ""));
    }
    out.println(
        "accepted %d of %s for %s in %.1f s"
            .formatted(
                figures.accepted(),
                plural(mails, "mail"),
                plural(figures.recipients(), "recipient"),
                figures.seconds()));
    out.flush();
  }

  /** A count and its noun. */
  static String plural(long count, String noun) {
    return count + " " + noun + (count == 1 ? "" : "s");
  }

  /** For programs, one object on one line. */
  static String json(SendTally.Figures figures, long mails) {
    var text = new StringWriter();
    try (var json = JSON.createGenerator(ObjectWriteContext.empty(), text)) {
      json.writeStartObject();
      json.writeNumberProperty("mails", mails);
      json.writeNumberProperty("accepted", figures.accepted());
      json.writeNumberProperty("recipients", figures.recipients());
      json.writeNumberProperty("lost", figures.lost());
      json.writeNumberProperty("unsent", mails - figures.done());
      json.writeNumberProperty("seconds", Math.round(figures.seconds() * 1000) / 1000.0);
      json.writeStringProperty("last_reply", figures.lastReply());
      json.writeArrayPropertyStart("refused");
      for (var refusal : figures.refusals()) {
        json.writeStartObject();
        json.writeStringProperty("stage", refusal.stage());
        json.writeNumberProperty("code", refusal.code());
        json.writeStringProperty("text", refusal.text());
        json.writeNumberProperty("count", refusal.count());
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeEndObject();
    }
    return text.toString();
  }

  /** Why some mails met no fate. */
  static String failure(SendTally.Figures figures) {
    return figures.lastFailure().isEmpty()
        ? "the server took no connection"
        : figures.lastFailure();
  }

  /** By sysexits: the worst that happened. */
  static int exitCode(SendTally.Figures figures, long mails) {
    var refusals = figures.refusals();
    if (refusals.stream().anyMatch(refusal -> refusal.code() >= 500)) {
      return ExitCode.DATA;
    }
    if (figures.lost() > 0 || (figures.done() < mails && refusals.isEmpty())) {
      return ExitCode.UNAVAILABLE;
    }
    if (!refusals.isEmpty() || figures.done() < mails) {
      return ExitCode.TEMPORARY;
    }
    return ExitCode.OK;
  }
}
