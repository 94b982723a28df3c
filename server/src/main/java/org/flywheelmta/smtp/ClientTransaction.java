package org.flywheelmta.smtp;

import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.function.BiConsumer;
import org.flywheelmta.base.Check;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.domain.Outcome;
import org.flywheelmta.domain.Outcome.Delivered;
import org.flywheelmta.domain.Outcome.Scope;
import org.flywheelmta.message.Address;
import org.flywheelmta.message.Content;
import org.flywheelmta.message.Fields;
import org.flywheelmta.message.Message;
import org.flywheelmta.message.Notify;
import org.flywheelmta.message.Tag;
import org.jspecify.annotations.Nullable;

/**
 * One transaction of a delivery session: messages of equal sender and content, and which of them
 * still have no outcome. It holds a reference to the content from {@link #begin} to {@link #end},
 * since a message may be gone once its outcome is told.
 */
@NonThreadSafe
final class ClientTransaction {
  private final List<Message> messages;
  private final BitSet open;
  private final Content content;
  private final ClientExtensions offered;
  private final ClientCommands.MailParameters parameters;
  private final BiConsumer<Message, Outcome> outcomes;
  private boolean mailAccepted;
  private int answered;
  private int accepted;
  private @Nullable DotStuffer body;

  private ClientTransaction(
      List<Message> messages,
      Content content,
      ClientExtensions offered,
      ClientCommands.MailParameters parameters,
      BiConsumer<Message, Outcome> outcomes) {
    this.messages = messages;
    this.open = new BitSet(messages.size());
    this.content = content.retain();
    this.offered = offered;
    this.parameters = parameters;
    this.outcomes = outcomes;
    open.set(0, messages.size());
  }

  /**
   * Begins a transaction with those of the messages that the other side can take; the others get
   * their outcome here.
   *
   * @param outcomes told of each message's outcome, once
   * @return null when none is left to send
   */
  static @Nullable ClientTransaction begin(
      List<Message> batch, ClientExtensions offered, BiConsumer<Message, Outcome> outcomes) {
    var first = batch.getFirst();
    var content = content(first);
    boolean utf8 = ClientChecks.needsUtf8(first, content);
    var refusal = ClientChecks.transaction(first, content, offered);
    // Held while outcomes are told: the first message may be gone after its own.
    content.retain();
    try {
      var sendable = new ArrayList<Message>(batch.size());
      for (var message : batch) {
        var outcome = refusal != null ? refusal : ClientChecks.recipient(message, offered);
        if (outcome != null) {
          outcomes.accept(message, outcome);
        } else {
          sendable.add(message);
          utf8 |= message.recipient().needsUtf8();
        }
      }
      if (sendable.isEmpty()) {
        return null;
      }
      var parameters =
          new ClientCommands.MailParameters(
              offered.size(),
              ClientChecks.bytesAsSent(content),
              offered.eightBitMime() && ClientChecks.saysEightBit(first, content),
              offered.smtpUtf8() && utf8,
              offered.dsn() ? first.transaction().fields() : Fields.NONE);
      return new ClientTransaction(sendable, content, offered, parameters, outcomes);
    } finally {
      content.release();
    }
  }

  private static Content content(Message message) {
    var content = message.content();
    if (content == null) {
      throw Check.bug("a message was given for delivery without its content");
    }
    return content;
  }

  /** How many recipients the envelope has. */
  int recipients() {
    return messages.size();
  }

  void writeMail(ByteBuf out) {
    ClientCommands.mail(out, spelled(messages.getFirst().transaction().sender()), parameters);
  }

  void writeRcpt(ByteBuf out, int index) {
    var message = messages.get(index);
    var recipient = spelled(message.recipient());
    if (offered.dsn()) {
      var notify = message.fields().value(Tag.DSN_NOTIFY);
      ClientCommands.rcpt(out, recipient, notify, OriginalRecipient.of(message));
    } else {
      ClientCommands.rcpt(out, recipient);
    }
  }

  private Address spelled(Address address) {
    var spelled = ClientChecks.spelled(address, offered);
    if (spelled == null) {
      throw Check.bug("an address was about to be sent that the other side does not take");
    }
    return spelled;
  }

  /** Index of the recipient whose reply is awaited; {@link #recipients()} when all have theirs. */
  int answered() {
    return answered;
  }

  /** How many recipients the other side has accepted. */
  int accepted() {
    return accepted;
  }

  /** True when a reply that is not 421 means something in that phase of a transaction. */
  static boolean expects(ClientPhase phase, PeerReply reply) {
    boolean refusal = !reply.positive() && !reply.intermediate();
    return refusal || reply.intermediate() == (phase == ClientPhase.DATA);
  }

  /**
   * Takes a reply and tells the outcomes that it decides.
   *
   * @param reply one that the phase {@link #expects}
   * @param more whether commands sent after the one that it answers are still unanswered
   * @return the phase that follows; {@code IDLE} when the transaction is over
   */
  ClientPhase answer(ClientPhase phase, PeerReply reply, boolean more) {
    return switch (phase) {
      case MAIL -> onMail(reply, more);
      case RCPT -> onRcpt(reply, more);
      case DATA -> onData(reply);
      default -> {
        resolveAll(reply.outcome(phase, Scope.MESSAGE));
        yield ClientPhase.IDLE;
      }
    };
  }

  private ClientPhase onMail(PeerReply reply, boolean more) {
    mailAccepted = reply.positive();
    if (!mailAccepted) {
      resolveAll(reply.outcome(ClientPhase.MAIL, Scope.MESSAGE));
    }
    return mailAccepted || more ? ClientPhase.RCPT : ClientPhase.IDLE;
  }

  private ClientPhase onRcpt(PeerReply reply, boolean more) {
    int index = answered++;
    if (!reply.positive()) {
      resolve(index, reply.outcome(ClientPhase.RCPT, Scope.MESSAGE));
    } else if (mailAccepted) {
      accepted++;
    }
    if (answered < recipients()) {
      return ClientPhase.RCPT;
    }
    return more || accepted > 0 ? ClientPhase.DATA : ClientPhase.RSET;
  }

  private ClientPhase onData(PeerReply reply) {
    if (!reply.intermediate()) {
      resolveAll(reply.outcome(ClientPhase.DATA, Scope.MESSAGE));
      // Where the sender was refused there is no envelope to take back.
      return mailAccepted ? ClientPhase.RSET : ClientPhase.IDLE;
    }
    // Without a recipient the content is not sent: the end of data alone (RFC 2920 section 3.1).
    return accepted > 0 ? ClientPhase.BODY : ClientPhase.END;
  }

  /** Tells the outcome of every message that has none. */
  void resolveAll(Outcome outcome) {
    for (int index = open.nextSetBit(0); index >= 0; index = open.nextSetBit(index + 1)) {
      resolve(index, outcome);
    }
  }

  private void resolve(int index, Outcome outcome) {
    if (open.get(index)) {
      open.clear(index);
      var message = messages.get(index);
      outcomes.accept(message, isLastWord(message, outcome) ? untold(outcome) : outcome);
    }
  }

  /** True when the sender wants to hear of a delivery, and nobody beyond here would tell. */
  private boolean isLastWord(Message message, Outcome outcome) {
    return outcome instanceof Delivered && !offered.dsn() && Notify.of(message.fields()).success();
  }

  private static Outcome untold(Outcome delivered) {
    return new Delivered(delivered.reply(), false);
  }

  /** The content on its way out. */
  DotStuffer body() {
    var started = body;
    if (started == null) {
      started = new DotStuffer(content);
      body = started;
    }
    return started;
  }

  /** Gives the content back; every message has its outcome. */
  void end() {
    Check.that(open.isEmpty(), "a transaction ended with messages that have no outcome");
    content.release();
  }
}
