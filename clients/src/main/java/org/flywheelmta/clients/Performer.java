package org.flywheelmta.clients;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Does over one connection what a {@link Script} says, or gives the ordinary reply. For the thread
 * of its session.
 */
public final class Performer {
  /** In place of a code where octets were sent. */
  public static final int SAID = 999;

  /** RFC 5321 section 4.2.3: who says so closes. */
  private static final int CLOSING = 421;

  private final Wire wire;
  private final Stage stage;

  /** What a session's server does for it. */
  public interface Stage {
    /** Waits, but not past the close of the server. */
    void pause(long nanos) throws InterruptedException;

    /** Returns when a session has been silent for long enough to end. */
    void keepSilence(Wire wire) throws IOException, InterruptedException;

    /**
     * Counts what the script did.
     *
     * @param what a code, or the word of the action
     */
    void did(Moment moment, String what);
  }

  /** Over a connection that stays the session's. */
  public Performer(Wire wire, Stage stage) {
    this.wire = wire;
    this.stage = stage;
  }

  /** Waits as long as the script says; what was written before is sent meanwhile. */
  public void pause(Decision decision) throws IOException, InterruptedException {
    if (decision.waitNanos() > 0) {
      wire.flush();
      stage.pause(decision.waitNanos());
    }
  }

  /**
   * Does it.
   *
   * @param code of the ordinary reply; 0 where there is none
   * @param lines its texts, none where there is no reply
   * @return the code that was given, perhaps not sent yet; 0 for none, {@link #SAID} for octets
   * @throws SessionOver where the script ends the session
   */
  public int perform(Moment moment, Action action, int code, String... lines)
      throws IOException, InterruptedException, SessionOver {
    return switch (action) {
      case Action.Ordinary() -> {
        reply(code, List.of(lines));
        yield code;
      }
      case Action.Answer(int scripted, var text) -> {
        stage.did(moment, String.valueOf(scripted));
        reply(scripted, text);
        if (scripted == CLOSING) {
          wire.flush();
          throw new SessionOver();
        }
        yield scripted;
      }
      case Action.Say(var text) -> {
        stage.did(moment, "say");
        wire.write(text.getBytes(StandardCharsets.ISO_8859_1));
        wire.flush();
        yield SAID;
      }
      case Action.Close() -> {
        stage.did(moment, "close");
        wire.flush();
        throw new SessionOver();
      }
      case Action.Reset() -> {
        stage.did(moment, "reset");
        wire.reset();
        throw new SessionOver();
      }
      case Action.Silence() -> {
        stage.did(moment, "silence");
        wire.flush();
        stage.keepSilence(wire);
        throw new SessionOver();
      }
    };
  }

  private void reply(int code, List<String> lines) throws IOException {
    for (int i = 0; i < lines.size(); i++) {
      wire.write(code + (i < lines.size() - 1 ? "-" : " ") + lines.get(i));
    }
  }
}
