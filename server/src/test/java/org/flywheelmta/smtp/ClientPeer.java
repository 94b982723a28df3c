package org.flywheelmta.smtp;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A well-behaved server that misbehaves once, in one phase. It reads strictly: only CRLF ends a
 * line, only CRLF.CRLF a mail.
 */
final class ClientPeer {
  /** What it does once, in place of what it should. */
  enum Act {
    GOOD,
    SOFT,
    HARD,
    BYE,
    CLOSE,
    RESET,
    SILENCE,
    GARBAGE
  }

  /**
   * How it is otherwise.
   *
   * @param pipelining whether it offers that
   * @param eager whether it answers DATA with 354 although no recipient was accepted
   * @param packet octets of its replies that travel together; 0 for all that is ready
   */
  record Manner(boolean pipelining, boolean eager, int packet) {}

  private final ClientRig rig;
  private final Manner manner;
  private final ClientPhase phase;
  private final Act act;
  private final StringBuilder inbox = new StringBuilder();
  private final StringBuilder replies = new StringBuilder();
  private final List<String> mails = new ArrayList<>();
  private boolean acted;
  private boolean mute;
  private boolean inData;
  private boolean sender;
  private int recipients;

  ClientPeer(ClientRig rig, Manner manner, ClientPhase phase, Act act) {
    this.rig = rig;
    this.manner = manner;
    this.phase = phase;
    this.act = act;
  }

  /** The mails that it took, unstuffed. */
  List<String> mails() {
    return mails;
  }

  boolean acted() {
    return acted;
  }

  /** Greets, and answers until the client says no more. */
  void serve() {
    answer(ClientPhase.BANNER, "220 peer.example ready");
    go();
  }

  /** Answers until the client says no more. */
  void go() {
    do {
      send();
      inbox.append(new String(rig.wire.takeSent(), StandardCharsets.ISO_8859_1));
    } while (readSome());
  }

  private void send() {
    while (!replies.isEmpty()) {
      int count = manner.packet() == 0 ? replies.length() : manner.packet();
      var packet = replies.substring(0, Math.min(count, replies.length()));
      replies.delete(0, packet.length());
      rig.wire.peerSends(packet.getBytes(StandardCharsets.ISO_8859_1));
      rig.loop.run();
    }
  }

  private boolean readSome() {
    boolean some = false;
    while (!mute && (inData ? readMail() : readLine())) {
      some = true;
    }
    return some;
  }

  private boolean readLine() {
    int end = inbox.indexOf("\r\n");
    if (end < 0) {
      return false;
    }
    var line = inbox.substring(0, end);
    inbox.delete(0, end + 2);
    if (line.indexOf('\r') >= 0 || line.indexOf('\n') >= 0) {
      throw new AssertionError("a lone CR or LF in the command " + line);
    }
    command(line);
    return true;
  }

  private void command(String line) {
    switch (line.split("[ :]", 2)[0]) {
      case "EHLO" -> {
        if (phase == ClientPhase.HELO) {
          reply("502 5.5.1 never heard of it");
        } else {
          answer(
              ClientPhase.EHLO,
              "250-peer.example" + (manner.pipelining() ? "|250 " : "|250 X-") + "PIPELINING");
        }
      }
      case "HELO" -> answer(ClientPhase.HELO, "250 peer.example");
      case "MAIL" -> sender = answer(ClientPhase.MAIL, "250 2.1.0 sender");
      case "RCPT" -> {
        if (!sender) {
          reply("503 5.5.1 MAIL first");
        } else if (answer(ClientPhase.RCPT, "250 2.1.5 recipient")) {
          recipients++;
        }
      }
      case "DATA" -> data();
      case "RSET" -> {
        answer(ClientPhase.RSET, "250 2.0.0 reset");
        forget();
      }
      case "QUIT" -> answer(ClientPhase.QUIT, "221 2.0.0 bye");
      default -> throw new AssertionError("what is " + line);
    }
  }

  private void data() {
    if (recipients == 0 && !manner.eager()) {
      reply("554 5.5.1 no valid recipients");
    } else if (phase == ClientPhase.RSET && !acted) {
      reply("554 5.6.0 not today");
    } else {
      if (phase == ClientPhase.BODY && !acted) {
        rig.wire.readsNoMoreThan(1000);
      }
      inData = answer(ClientPhase.DATA, "354 go on");
      if (inData && phase == ClientPhase.BODY && !acted) {
        send();
        answer(ClientPhase.BODY, "250 2.0.0 thanks, I know the rest");
      }
    }
  }

  private boolean readMail() {
    int end = inbox.indexOf("\r\n.\r\n");
    if (inbox.indexOf(".\r\n") == 0) {
      end = -2;
    } else if (end < 0) {
      return false;
    }
    var mail = end < 0 ? "" : inbox.substring(0, end + 2);
    inbox.delete(0, end + 5);
    inData = false;
    if (recipients == 0) {
      reply("554 5.5.1 no valid recipients");
    } else if (answer(ClientPhase.END, "250 2.0.0 taken")) {
      mails.add(mail);
    }
    forget();
    return true;
  }

  private void forget() {
    sender = false;
    recipients = 0;
  }

  /** Replies as it should, or misbehaves; true when it did as it should. */
  private boolean answer(ClientPhase in, String good) {
    if (mute || in != phase || acted || (act == Act.GOOD && in != ClientPhase.BODY)) {
      acted |= in == phase;
      reply(good);
      return !mute;
    }
    acted = true;
    switch (act) {
      case GOOD -> reply(good);
      case SOFT -> reply("451 4.3.0 later");
      case HARD -> reply("550 5.7.1 never");
      case BYE -> reply("421 4.3.2 closing");
      case GARBAGE -> reply("what do you mean");
      case SILENCE -> mute = true;
      case CLOSE, RESET -> {
        send();
        mute = true;
        if (act == Act.CLOSE) {
          rig.wire.peerCloses();
        } else {
          rig.wire.peerResets();
        }
        rig.loop.run();
      }
    }
    return false;
  }

  private void reply(String lines) {
    if (!mute) {
      replies.append(lines.replace("|", "\r\n")).append("\r\n");
    }
  }
}
