package org.flywheelmta.smtp;

import io.netty.buffer.ByteBuf;
import java.util.function.Consumer;
import org.flywheelmta.auth.Outcome;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.event.MailEvent;
import org.flywheelmta.event.Tls;
import org.flywheelmta.hook.Firing;
import org.flywheelmta.hook.Hook;
import org.flywheelmta.message.Address;
import org.flywheelmta.net.AcceptConstruct;
import org.flywheelmta.net.Closure;
import org.flywheelmta.scheduler.Scheduler;
import org.jspecify.annotations.Nullable;

/**
 * One client's session: the closure of an accept construct (RFC 5321). Commands are read in place
 * from the unread input; each is answered before the next is looked at, and a session that waits
 * for a decision or for the disk is suspended: input waits, a disconnect cancels.
 */
@NonThreadSafe
final class SmtpSession implements Closure {
  /** Longest command line, with its CRLF: 512 octets and room for parameters (RFC 5321 4.5.3.1). */
  static final int MAX_COMMAND_LINE = 2048;

  /** Recipients above {@code max_recipients_per_message} that a connection may name in all. */
  static final int MAX_SURPLUS_RECIPIENTS = 100_000;

  private final AcceptConstruct construct;
  private final SmtpRoom room;
  private final SmtpPolicy policy;
  private final Client client;
  private final Envelope envelope = new Envelope();
  private final DataPhase data;
  private final SessionTls tls;
  private final SessionAuth auth;
  private @Nullable Firing waiting;
  private boolean welcomed;
  private boolean skippingLine;
  private boolean recipientsPassed;
  private int surplusRecipients;
  private int errors;
  private int junk;
  private int receptions;

  SmtpSession(AcceptConstruct construct, SmtpRoom room, Client client) {
    this.construct = construct;
    this.room = room;
    this.client = client;
    this.policy = client.policy();
    this.data = new DataPhase(this, construct, room.taker());
    this.tls = new SessionTls(construct);
    this.auth = new SessionAuth(construct, client, room.authenticator(), this::awaitCommand);
  }

  Client client() {
    return client;
  }

  Scheduler scheduler() {
    return construct.scheduler();
  }

  SmtpPolicy policy() {
    return policy;
  }

  Envelope envelope() {
    return envelope;
  }

  SmtpRoom room() {
    return room;
  }

  @Override
  public void onOpen() {
    if (!tls.implicit()) {
      greet();
    } else if (room.stopping() || !tls.begin(() -> {})) {
      // It would not understand the words.
      construct.abort();
    }
  }

  private void greet() {
    if (room.stopping()) {
      close(Replies.STOPPING);
      return;
    }
    decide(
        SmtpHooks.CONNECT,
        new SessionStep(client, null),
        () -> {
          welcomed = true;
          answer(new Reply(220, "", policy.hostname() + " ESMTP Flywheel"));
          awaitCommand();
        });
  }

  /** All that was said before is forgotten (RFC 3207 section 4.2), but for what limits count. */
  @Override
  public void onSecure(Tls secured) {
    tls.done();
    client.secured(secured);
    clearEnvelope();
    if (welcomed) {
      awaitCommand();
    } else {
      greet();
    }
  }

  @Override
  public void onInput(ByteBuf input) {
    // A client that does not read its replies is not heard either, until it does.
    while (input.isReadable()
        && !construct.suspended()
        && !construct.closed()
        && construct.writable()) {
      if (data.receiving()) {
        data.onInput(input);
      } else if (!takeLine(input)) {
        return;
      }
    }
  }

  /** Deals with one command line; false when there is no whole line. */
  private boolean takeLine(ByteBuf input) {
    if (skippingLine) {
      return skipLine(input);
    }
    int start = input.readerIndex();
    int longest = auth.asking() ? SessionAuth.MAX_LINE : MAX_COMMAND_LINE;
    int length = input.bytesBefore(Math.min(input.readableBytes(), longest), (byte) '\n');
    if (length < 0 && input.readableBytes() < longest) {
      return false;
    }
    if (length <= 0 || input.getByte(start + length - 1) != '\r') {
      // Refused at once, with what follows up to the next CRLF: a lone LF ends no line.
      skippingLine = true;
      auth.cancel();
      refuse(length < 0 ? Replies.LINE_TOO_LONG : Replies.BAD_LINE);
      return true;
    }
    input.skipBytes(length + 1);
    if (auth.asking()) {
      answerUnlessNull(auth.respond(input, start, start + length - 1));
    } else if (wellFormed(input, start, start + length - 1)) {
      command(input, start, start + length - 1);
    } else {
      refuse(Replies.BAD_LINE);
    }
    if (!construct.closed() && !construct.suspended() && !data.receiving() && !tls.handshaking()) {
      awaitCommand();
    }
    return true;
  }

  /** Drops a line that was refused, up to its CRLF; false while that has not come. */
  private boolean skipLine(ByteBuf input) {
    int index = input.readerIndex();
    int end = input.writerIndex();
    while (true) {
      int found = input.indexOf(index, end, (byte) '\n');
      if (found < 0) {
        // A CR at the end stays, since its LF may follow.
        input.readerIndex(input.getByte(end - 1) == '\r' ? end - 1 : end);
        return false;
      }
      index = found + 1;
      if (found > input.readerIndex() && input.getByte(found - 1) == '\r') {
        input.readerIndex(index);
        skippingLine = false;
        awaitCommand();
        return true;
      }
    }
  }

  /** True when the line without its CRLF holds no control but tabs. */
  private static boolean wellFormed(ByteBuf input, int start, int end) {
    for (int i = start; i < end; i++) {
      int octet = input.getByte(i);
      if ((octet >= 0 && octet < ' ' && octet != '\t') || octet == 0x7f) {
        return false;
      }
    }
    return true;
  }

  /** Gives the client its time for the next command, or says goodbye when the server stops. */
  private void awaitCommand() {
    if (room.stopping()) {
      close(Replies.STOPPING);
    } else {
      construct.deadline(policy.idleNanos());
    }
  }

  private void command(ByteBuf line, int from, int end) {
    int to = end;
    while (to > from && line.getByte(to - 1) == ' ') {
      to--;
    }
    var verb = Verb.of(line, from, to);
    int argument = Math.min(to, from + verb.length() + 1);
    if (!verb.offered()) {
      refuse(verb == Verb.UNKNOWN ? Replies.UNKNOWN_COMMAND : Replies.NOT_OFFERED);
      return;
    }
    var early = tls.refusal(verb);
    if (early != null) {
      refuse(early);
      return;
    }
    switch (verb) {
      case EHLO -> hello(line, argument, to, true);
      case HELO -> hello(line, argument, to, false);
      case MAIL -> mail(line, argument, to);
      case RCPT -> rcpt(line, argument, to);
      case DATA -> withoutArgument(argument, to, this::data);
      case RSET -> withoutArgument(argument, to, () -> junk(Replies.OK, true));
      case NOOP -> junk(Replies.OK, false);
      case HELP -> junk(Replies.HELP, false);
      case VRFY -> junk(argument < to ? Replies.CANNOT_VERIFY : Replies.NO_VERIFY_ARGUMENT, false);
      case QUIT -> withoutArgument(argument, to, this::quit);
      case AUTH -> auth(line, argument, to);
      case STARTTLS -> withoutArgument(argument, to, () -> startTls(line));
      default -> refuse(Replies.NOT_OFFERED);
    }
  }

  private void withoutArgument(int argument, int to, Runnable action) {
    if (argument < to) {
      refuse(Replies.NO_ARGUMENT);
    } else {
      action.run();
    }
  }

  private void auth(ByteBuf line, int from, int to) {
    if (room.authenticator() == null) {
      refuse(Replies.NOT_OFFERED);
    } else if (!client.greeted()) {
      refuse(Replies.HELLO_FIRST);
    } else if (client.identity() != null) {
      refuse(Replies.AUTH_ALREADY);
    } else if (envelope.begun()) {
      refuse(Replies.AUTH_IN_MAIL);
    } else {
      answerUnlessNull(auth.begin(line, from, to, this::authenticated));
    }
  }

  private void answerUnlessNull(@Nullable Reply refusal) {
    if (refusal != null) {
      refuse(refusal);
    }
  }

  private void authenticated(Outcome outcome) {
    var reply = SessionAuth.reply(outcome);
    if (outcome instanceof Outcome.Success(var identity, _)) {
      client.authenticated(identity);
      answer(reply);
    } else {
      refuse(reply);
    }
    if (!construct.closed()) {
      awaitCommand();
    }
  }

  private void startTls(ByteBuf behind) {
    var refusal = tls.startTlsRefusal();
    if (refusal != null) {
      refuse(refusal);
    } else if (tls.rejects(behind)) {
      close(Replies.TLS_INJECTION);
    } else if (!tls.begin(() -> answer(Replies.BEGIN_TLS))) {
      answer(Replies.TLS_BUSY);
      countJunk();
    }
  }

  private void hello(ByteBuf line, int from, int to, boolean extended) {
    var name = HelloName.read(line, from, to);
    if (name == null) {
      refuse(Replies.BAD_HELLO);
      return;
    }
    decide(
        SmtpHooks.EHLO,
        new SessionStep(client, Address.of(name)),
        () -> {
          client.greeted(name, extended);
          clearEnvelope();
          if (extended) {
            answerEhlo();
          } else {
            answer(new Reply(250, "", policy.hostname()));
          }
          countJunk();
        });
  }

  private void answerEhlo() {
    var out = construct.allocator().directBuffer(256);
    Reply.encodeContinued(250, policy.hostname(), out);
    Reply.encodeContinued(250, "PIPELINING", out);
    Reply.encodeContinued(250, "SIZE " + policy.maxMessageBytes(), out);
    Reply.encodeContinued(250, "8BITMIME", out);
    Reply.encodeContinued(250, "SMTPUTF8", out);
    if (tls.offered()) {
      Reply.encodeContinued(250, "STARTTLS", out);
    }
    var mechanisms = tls.refusal(Verb.AUTH) == null ? auth.offered() : "";
    if (!mechanisms.isEmpty()) {
      Reply.encodeContinued(250, "AUTH " + mechanisms, out);
    }
    if (room.taker().relays()) {
      // Whoever offers it has to tell of success too, which a mailbox does not.
      Reply.encodeContinued(250, "DSN", out);
    }
    new Reply(250, "", "ENHANCEDSTATUSCODES").encode(out);
    construct.write(out);
  }

  private void mail(ByteBuf line, int from, int to) {
    if (!client.greeted()) {
      refuse(Replies.HELLO_FIRST);
      return;
    }
    if (policy.authRequired() && client.identity() == null) {
      refuse(Replies.AUTH_FIRST);
      return;
    }
    if (envelope.begun()) {
      refuse(Replies.MAIL_ALREADY);
      return;
    }
    if (policy.maxReceptions() > 0 && receptions >= policy.maxReceptions()) {
      close(Replies.TOO_MANY_MAILS);
      return;
    }
    var parsed = new Envelope.Parsed();
    boolean takesAuth = room.authenticator() != null;
    var refusal = envelope.readMail(line, from, to, policy.maxMessageBytes(), takesAuth, parsed);
    if (refusal == null && (construct.account().isShort() || !room.taker().takesMail())) {
      refusal = Replies.NO_ROOM;
    }
    if (refusal != null) {
      refuse("mail", parsed.address, null, refusal);
      return;
    }
    decide(
        SmtpHooks.MAIL,
        new SessionStep(client, parsed.address),
        () -> {
          envelope.begin(parsed);
          answer(Replies.SENDER_OK);
        });
  }

  private void rcpt(ByteBuf line, int from, int to) {
    if (!envelope.begun()) {
      refuse(Replies.MAIL_FIRST);
      return;
    }
    var parsed = new Envelope.Parsed();
    var refusal = envelope.readRcpt(line, from, to, policy.hostname(), parsed);
    if (refusal == null && envelope.recipients().size() >= policy.maxRecipients()) {
      // Not an error of the client: it sends the rest in a mail of its own (RFC 5321 4.5.3.1.10).
      answer(Replies.TOO_MANY_RECIPIENTS);
      if (++surplusRecipients > MAX_SURPLUS_RECIPIENTS) {
        close(Replies.TOO_MANY_COMMANDS);
      }
      return;
    }
    if (refusal == null && !parsed.ours && !mayRelay(parsed.address)) {
      refusal = Replies.RELAY_DENIED;
    }
    if (refusal != null) {
      refuse("rcpt", envelope.sender(), parsed.address, refusal);
      return;
    }
    decide(
        SmtpHooks.RCPT,
        new SessionStep(client, parsed.address),
        () -> {
          var recipient = parsed.recipient();
          if (room.taker().takeRoom(envelope.fields(), recipient)) {
            envelope.recipients().add(recipient);
            answer(Replies.RECIPIENT_OK);
          } else {
            noRoomFor(parsed.address);
          }
        });
  }

  /** Not an error of the client, as long as it does not go on for ever. */
  private void noRoomFor(Address recipient) {
    rejected("rcpt", envelope.sender(), recipient, Replies.NO_ROOM);
    answer(Replies.NO_ROOM);
    if (++surplusRecipients > MAX_SURPLUS_RECIPIENTS) {
      close(Replies.TOO_MANY_COMMANDS);
    }
  }

  /** Ends the transaction, and gives back the room of its recipients unless that has passed on. */
  private void clearEnvelope() {
    if (!recipientsPassed) {
      room.taker().giveBack(envelope.fields(), envelope.recipients());
    }
    recipientsPassed = false;
    envelope.clear();
  }

  /** The room of the recipients is the messages' from here on. */
  void recipientsPass() {
    recipientsPassed = true;
  }

  private boolean mayRelay(Address recipient) {
    return !room.taker().relays()
        || client.trusted()
        || policy.relayDomains().contains(recipient.domain());
  }

  private void data() {
    if (!envelope.begun()) {
      refuse(Replies.MAIL_FIRST);
      return;
    }
    if (envelope.recipients().isEmpty()) {
      refuse(Replies.RCPT_FIRST);
      return;
    }
    if (construct.account().isShort() || !room.taker().takesContent()) {
      refuse("data", envelope.sender(), null, Replies.NO_ROOM);
      clearEnvelope();
      return;
    }
    decide(
        SmtpHooks.DATA,
        new SessionStep(client, envelope.sender()),
        () -> {
          if (room.stopping()) {
            close(Replies.STOPPING);
            return;
          }
          answer(Replies.SEND_DATA);
          data.begin();
        });
  }

  private void quit() {
    answer(new Reply(221, "2.0.0", policy.hostname() + " closing connection"));
    construct.finish();
  }

  /** Memory has become short: content that is still arriving makes room. */
  void relieve() {
    if (!construct.closed()) {
      construct.run(data::relieve);
    }
  }

  /** The end of a mail: its last word to the client, and the session is ready for the next. */
  void dataDone(Reply reply) {
    if (reply.positive()) {
      receptions++;
      junk = 0;
    } else {
      rejected("data", envelope.sender(), null, reply);
    }
    clearEnvelope();
    if (construct.closed()) {
      return;
    }
    if (reply.code() == 421) {
      close(reply);
      return;
    }
    answer(reply);
    if (reply.code() >= 500) {
      countError();
    }
    if (!construct.closed()) {
      awaitCommand();
    }
  }

  /** Asks the providers of a hook; goes on at once, or when they have answered. */
  private void decide(Hook<SessionStep, Verdict> hook, SessionStep step, Runnable accepted) {
    if (!room.hooks().has(hook)) {
      accepted.run();
      return;
    }
    construct.suspend();
    construct.noDeadline();
    waiting =
        room.hooks()
            .fire(
                construct.scheduler(),
                hook,
                step,
                verdict -> {
                  waiting = null;
                  construct.run(() -> decided(verdict, accepted));
                });
  }

  private void decided(Verdict verdict, Runnable accepted) {
    switch (verdict) {
      case Verdict.Accept() -> accepted.run();
      case Verdict.Refuse(int code, String enhanced, String text) -> {
        var reply = new Reply(code, enhanced, text);
        // A client that is refused at once has no session to go on with.
        if (code == 421 || !welcomed) {
          close(reply);
        } else {
          refuse(reply);
        }
      }
    }
    if (!construct.closed()) {
      if (!data.receiving()) {
        awaitCommand();
      }
      construct.resume();
    }
    construct.flush();
  }

  /** Asks the providers of the end of data, while the session is suspended already. */
  void validate(Runnable accepted, Consumer<Reply> refused) {
    var hook = SmtpHooks.END_OF_DATA;
    if (!room.hooks().has(hook)) {
      accepted.run();
      return;
    }
    waiting =
        room.hooks()
            .fire(
                construct.scheduler(),
                hook,
                new SessionStep(client, envelope.sender()),
                verdict -> {
                  waiting = null;
                  construct.run(() -> validated(verdict, accepted, refused));
                });
  }

  private static void validated(Verdict verdict, Runnable accepted, Consumer<Reply> refused) {
    switch (verdict) {
      case Verdict.Accept() -> accepted.run();
      case Verdict.Refuse(int code, String enhanced, String text) ->
          refused.accept(new Reply(code, enhanced, text));
    }
  }

  void answer(Reply reply) {
    construct.write(reply.encoded(construct.allocator()));
  }

  private void junk(Reply reply, boolean reset) {
    if (reset) {
      clearEnvelope();
    }
    answer(reply);
    countJunk();
  }

  private void countJunk() {
    if (++junk > policy.maxJunkCommands()) {
      close(Replies.TOO_MANY_COMMANDS);
    }
  }

  private void refuse(Reply reply) {
    answer(reply);
    countError();
  }

  private void countError() {
    if (++errors > policy.maxErrors() && !construct.closed()) {
      close(Replies.TOO_MANY_ERRORS);
    }
  }

  private void refuse(String stage, Address sender, @Nullable Address recipient, Reply reply) {
    rejected(stage, sender, recipient, reply);
    refuse(reply);
  }

  private void rejected(String stage, Address sender, @Nullable Address recipient, Reply reply) {
    room.taker()
        .reject(
            new MailEvent(
                MailEvent.Type.REJECTION,
                construct.scheduler().wallMicros(),
                null,
                -1,
                construct.id(),
                sender.toString(),
                recipient == null ? "" : recipient.toString(),
                0,
                new MailEvent.Where(client.listener(), "", client.peer(), "", client.tls()),
                new MailEvent.Reply(stage, reply.code(), reply.enhanced(), reply.text()),
                0,
                0));
  }

  private void close(Reply reply) {
    answer(reply);
    construct.close();
  }

  @Override
  public void onDeadline() {
    close(Replies.TIMEOUT);
  }

  @Override
  public void onFault(Throwable fault) {
    room.log().error("A session failed and was closed: " + fault);
    answer(Replies.BUG);
  }

  /**
   * Says goodbye when the server stops: now, or after the answer that the session waits for. A mail
   * that is still arriving is not waited for: it was not answered, so the client keeps it.
   */
  void stop() {
    if (!construct.closed() && !(construct.suspended() && !data.receiving())) {
      close(Replies.STOPPING);
    }
  }

  @Override
  public void onClosed(@Nullable Throwable failure) {
    var firing = waiting;
    if (firing != null) {
      waiting = null;
      firing.cancel();
    }
    auth.cancel();
    data.cancel();
    clearEnvelope();
    room.closed(this);
  }
}
