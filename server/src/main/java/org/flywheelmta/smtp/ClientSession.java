package org.flywheelmta.smtp;

import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.function.Function;
import org.flywheelmta.base.Check;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.domain.DeliverySession;
import org.flywheelmta.domain.DeliverySource;
import org.flywheelmta.domain.DeliveryTarget;
import org.flywheelmta.domain.Outcome;
import org.flywheelmta.domain.Outcome.Scope;
import org.flywheelmta.domain.Outcome.TransientFailure;
import org.flywheelmta.domain.Outcome.Unknown;
import org.flywheelmta.event.MailEvent.Reply;
import org.flywheelmta.event.Tls;
import org.flywheelmta.message.Message;
import org.flywheelmta.net.Closure;
import org.flywheelmta.net.Connection;
import org.flywheelmta.net.TlsFailure;
import org.flywheelmta.scheduler.Scheduler;
import org.jspecify.annotations.Nullable;

/**
 * One connection that brings mail to a host.
 *
 * <p>The phase says which reply is awaited. What to do after a reply is noted in {@code next} and
 * done once every command is answered and no input is left: a peer that says more than it was asked
 * is found out before anything else is entrusted to it, and replies never shift against commands.
 *
 * <p>Where replies come at once, the envelope of the next message travels with the end of a content
 * (RFC 2920 section 3.1), as the <em>follower</em> of the transaction that awaits its reply.
 * Nothing that is said to it counts until all of its replies are there and bid us go on: otherwise
 * the message is given back, which is no attempt, and the source gives none ahead for a while. So a
 * reply too many, or a peer that drops what it did not await, costs a connection at most.
 *
 * <p>Every message that the source gave gets its outcome from exactly one place: a reply to its
 * recipient, a reply to its transaction, or {@link #settle} when the session ends.
 */
@NonThreadSafe(checked = true)
final class ClientSession implements DeliverySession, Closure {
  /** Batches that fail here, without the peer, in one go; then the scheduler has its turn. */
  private static final int LOCAL_BATCHES_PER_PASS = 32;

  /** How long the first reply to a follower may take: some servers drop what came early. */
  private static final long FOLLOWER_NANOS = 30_000_000_000L;

  private static final int COMMAND_BYTES = 512;

  // A cryptographic failure (RFC 3463 section 3.8).
  private static final String TLS_FAILED = "4.7.5";

  private final Scheduler scheduler;
  private final ClientPolicy policy;
  private final Function<DeliveryTarget, ClientPolicy> policies;
  private final DeliveryTarget target;
  private final Dialer dialer;
  private DeliverySource source;
  private ReplyReader reader;
  private final ClientExtensions offered = new ClientExtensions();
  private final ClientOpening dialogue;
  private @Nullable Connection attached;
  private ClientPhase phase = ClientPhase.CONNECT;
  private @Nullable ClientPhase next;
  private int outstanding;
  private List<Message> batch = List.of();
  private int taken;
  private @Nullable ClientTransaction transaction;
  private @Nullable ClientTransaction follower;
  // The transaction began as a follower, and its content has not.
  private boolean followed;
  private boolean returning;
  private int deliveries;
  private boolean opening = true;
  // The handshake has had its time.
  private boolean late;
  private boolean ready;
  private boolean retiring;
  private boolean asking;
  private boolean wokenWhileAsking;
  private @Nullable Outcome failure;

  /** Opens connections, and knows which hosts it is better to do without TLS. */
  interface Dialer {
    /** Connects a session to its target, in time; it hears of it by {@link #attach}. */
    void dial(ClientSession session);

    /** The other side cannot be secured under this policy, by what it sent. */
    void onTlsFailed(ClientTls tls);
  }

  /**
   * @param policies the options in force for a target; asked when it is opened or adopted
   * @param inClear whether the host is one that it is better to do without TLS
   */
  ClientSession(
      Scheduler scheduler,
      DeliveryTarget target,
      DeliverySource source,
      Function<DeliveryTarget, ClientPolicy> policies,
      Dialer dialer,
      boolean inClear) {
    this.scheduler = scheduler;
    this.policies = policies;
    this.target = target;
    this.dialer = dialer;
    this.policy = policies.apply(target);
    this.source = source;
    this.reader = new ReplyReader(policy.maxReplyLine(), policy.maxReplyLines());
    this.dialogue = new ClientOpening(policy.tls(), offered);
    if (inClear) {
      dialogue.beginInClear();
    }
  }

  /** How long its connection may take to come about. */
  long connectTimeoutNanos() {
    return policy.timeoutNanos(ClientPhase.CONNECT);
  }

  /** Gives the session its connection, which is not open yet. */
  Closure attach(Connection connection) {
    attached = connection;
    connection.listenWhileBlocked();
    await(ClientPhase.CONNECT);
    return this;
  }

  /** The source knows the session: from now on it may be told of its end. */
  void opened() {
    opening = false;
  }

  private Connection connection() {
    var connection = attached;
    if (connection == null) {
      throw Check.bug("a delivery session without a connection");
    }
    return connection;
  }

  @Override
  public boolean wake() {
    scheduler.check();
    if (asking) {
      wokenWhileAsking = true;
    } else if (phase == ClientPhase.IDLE && !reader.begun()) {
      connection().run(this::ask);
    } else {
      return phase != ClientPhase.QUIT && phase != ClientPhase.CLOSING;
    }
    return true;
  }

  @Override
  public boolean adopt(DeliveryTarget other, DeliverySource adopting) {
    scheduler.check();
    boolean free = phase == ClientPhase.IDLE && !asking && !retiring && !reader.begun();
    // Whoever was verified by one name is nobody by another.
    boolean same = !policy.tls().isForOneHost() || target.host().equals(other.host());
    if (!free || !same || !policies.apply(other).equals(policy)) {
      return false;
    }
    source = adopting;
    return true;
  }

  @Override
  public void retire() {
    scheduler.check();
    retiring = true;
    if (phase == ClientPhase.CLOSING || phase == ClientPhase.QUIT || asking) {
      return;
    }
    if (!ready) {
      end(session("retired before it was ready"), false);
    } else if (phase == ClientPhase.IDLE) {
      enter(ClientPhase.QUIT);
    }
  }

  @Override
  public void abort() {
    scheduler.check();
    Check.that(!asking, "a delivery session is aborted from within its source");
    if (phase != ClientPhase.CLOSING) {
      end(lost("given up"), false);
    } else if (attached != null) {
      // It waits for its last words to leave, and for the other side to close.
      attached.abort();
    }
  }

  @Override
  public long connectionId() {
    scheduler.check();
    return attached == null ? 0 : attached.id();
  }

  @Override
  public @Nullable Tls tls() {
    scheduler.check();
    return attached == null ? null : attached.tls();
  }

  @Override
  public void onSecure(Tls tls) {
    scheduler.check();
    dialogue.secured();
    enter(ClientPhase.EHLO);
  }

  @Override
  public void onOpen() {
    scheduler.check();
    outstanding = 1;
    await(ClientPhase.BANNER);
  }

  @Override
  public void onInput(ByteBuf input) {
    scheduler.check();
    var watch = phase == ClientPhase.EHLO ? offered : ReplyReader.Lines.IGNORED;
    while (phase != ClientPhase.CLOSING) {
      switch (reader.read(input, watch)) {
        case REPLY -> onReply(reader.reply());
        case MALFORMED -> end(lost(reader.complaint()), true);
        case MORE -> {
          proceed();
          return;
        }
      }
    }
    input.skipBytes(input.readableBytes());
  }

  private void proceed() {
    var to = next;
    if (to != null && outstanding == 0 && !reader.begun()) {
      next = null;
      enter(to);
    }
  }

  private void onReply(PeerReply reply) {
    if (outstanding == 0) {
      onUnasked(reply);
      return;
    }
    outstanding--;
    if (reply.closing()) {
      end(reply.outcome(phase, Scope.SESSION), true);
      return;
    }
    switch (phase) {
      case BANNER, EHLO, HELO, STARTTLS -> onOpening(reply);
      case MAIL, RCPT, DATA, END -> onTransaction(reply, current());
      case RSET -> {
        if (reply.positive()) {
          next = afterTransaction();
        } else {
          unexpected(reply);
        }
      }
      case QUIT -> {
        settle(session("closed"));
        connection().finish();
      }
      case CONNECT, TLS, IDLE, BODY, CLOSING -> throw Check.bug("a reply was awaited in " + phase);
    }
  }

  /** A reply to nothing: the peer gives up, or does not speak SMTP as we do. */
  private void onUnasked(PeerReply reply) {
    if (reply.closing()) {
      end(reply.outcome(phase, Scope.SESSION), true);
    } else if (phase == ClientPhase.BODY && !reply.positive() && !reply.intermediate()) {
      // It has seen enough. The rest of the content cannot be called back, so the session ends.
      current().resolveAll(reply.outcome(phase, Scope.MESSAGE));
      end(session("refused while the content was sent"), true);
    } else {
      end(lost("a reply to nothing: " + reply.code() + " " + reply.text()), true);
    }
  }

  private void onOpening(PeerReply reply) {
    switch (dialogue.onReply(phase, reply)) {
      case ClientOpening.Next.Enter(var to) -> next = to;
      case ClientOpening.Next.Ready() -> {
        ready = true;
        source.onReady(this);
        next = ClientPhase.IDLE;
      }
      case ClientOpening.Next.Leave(var why) -> {
        failure = why;
        next = ClientPhase.QUIT;
      }
      case ClientOpening.Next.Unexpected() -> unexpected(reply);
    }
  }

  private void onTransaction(PeerReply reply, ClientTransaction current) {
    if (!ClientTransaction.expects(phase, reply)) {
      unexpected(reply);
      return;
    }
    boolean last = phase == ClientPhase.END;
    returning = followed && !last;
    var to = current.answer(phase, reply, outstanding > 0);
    returning = false;
    if (last && reply.positive() && current.accepted() > 0) {
      deliveries++;
    }
    if (last && follower != null) {
      promote(follower);
    } else if (outstanding > 0) {
      await(to);
    } else {
      next = to == ClientPhase.IDLE ? afterTransaction() : to;
    }
  }

  /** The transaction is over, and the replies to the one that followed it are awaited. */
  private void promote(ClientTransaction following) {
    endTransaction();
    follower = null;
    followed = true;
    transaction = following;
    outstanding = envelopeReplies(following);
    phase = ClientPhase.MAIL;
    connection().deadline(Math.min(policy.timeoutNanos(phase), FOLLOWER_NANOS));
  }

  private ClientPhase afterTransaction() {
    return taken < batch.size() ? ClientPhase.MAIL : ClientPhase.IDLE;
  }

  private void unexpected(PeerReply reply) {
    end(lost("an unexpected reply: " + reply.code() + " " + reply.text()), true);
  }

  private ClientTransaction current() {
    var current = transaction;
    if (current == null) {
      throw Check.bug("a delivery session without a transaction in " + phase);
    }
    return current;
  }

  /** Begins a phase: says what belongs to it and waits for the reply. */
  private void enter(ClientPhase to) {
    switch (to) {
      case EHLO -> {
        var out = command();
        ClientCommands.ehlo(out, policy.ehloHostname());
        send(to, out, 1);
      }
      case HELO -> {
        offered.clear();
        var out = command();
        ClientCommands.helo(out, policy.ehloHostname());
        send(to, out, 1);
      }
      case STARTTLS -> {
        var out = command();
        ClientCommands.startTls(out);
        send(to, out, 1);
      }
      case TLS -> secure();
      case IDLE -> {
        endTransaction();
        ask();
      }
      case MAIL -> {
        endTransaction();
        if (!begin()) {
          ask();
        }
      }
      case RCPT -> {
        var out = command();
        current().writeRcpt(out, current().answered());
        send(to, out, 1);
      }
      case DATA -> {
        var out = command();
        ClientCommands.data(out);
        send(to, out, 1);
      }
      case BODY -> {
        followed = false;
        await(to);
        pump();
      }
      case END -> send(to, DotStuffer.loneEnd(connection().allocator()), 1);
      case RSET -> {
        endTransaction();
        var out = command();
        ClientCommands.rset(out);
        send(to, out, 1);
      }
      case QUIT -> {
        endTransaction();
        var out = command();
        ClientCommands.quit(out);
        send(to, out, 1);
      }
      case CONNECT, BANNER, CLOSING -> throw Check.bug("nothing leads to " + to);
    }
  }

  private void secure() {
    var connector = policy.tls().connector();
    if (connector == null) {
      throw Check.bug("a handshake that nobody can make");
    }
    outstanding = 0;
    await(ClientPhase.TLS);
    connection().secure(connector.begin(target.host(), target.address().getPort()));
  }

  /** Begins anew without TLS where the handshake has failed and mail may go in clear. */
  private boolean dialsInClear(@Nullable Throwable cause) {
    var tls = policy.tls();
    var broken = cause instanceof TlsFailure failed ? failed : null;
    boolean may = phase == ClientPhase.TLS && !tls.required() && tls.fallsBack() && !retiring;
    if (!may || (broken != null && broken.ours())) {
      return false;
    }
    if (broken != null) {
      dialer.onTlsFailed(tls);
    }
    dialogue.beginInClear();
    reader = new ReplyReader(policy.maxReplyLine(), policy.maxReplyLines());
    attached = null;
    next = null;
    phase = ClientPhase.CONNECT;
    dialer.dial(this);
    return true;
  }

  private ByteBuf command() {
    return connection().allocator().buffer(COMMAND_BYTES);
  }

  private void send(ClientPhase to, ByteBuf out, int replies) {
    outstanding = replies;
    await(to);
    connection().write(out);
    connection().flush();
  }

  private void await(ClientPhase to) {
    phase = to;
    connection().deadline(policy.timeoutNanos(to));
  }

  /** Asks the source for messages until some go out, or there are none. */
  private void ask() {
    boolean idleBefore = phase == ClientPhase.IDLE;
    phase = ClientPhase.IDLE;
    asking = true;
    batch = List.of();
    taken = 0;
    wokenWhileAsking = false;
    boolean working = false;
    boolean empty = false;
    for (int i = 0; i < LOCAL_BATCHES_PER_PASS && !working && !empty && !leaving(); i++) {
      var given = source.next(this);
      empty = given == null || given.isEmpty();
      if (given != null && !empty) {
        batch = List.copyOf(given);
        taken = 0;
        working = begin();
      }
    }
    asking = false;
    if (working) {
      return;
    }
    if (leaving()) {
      enter(ClientPhase.QUIT);
      return;
    }
    if (!idleBefore) {
      await(ClientPhase.IDLE);
    }
    if (!empty || wokenWhileAsking) {
      scheduler.post(() -> wake());
    }
  }

  private boolean leaving() {
    int most = policy.maxDeliveriesPerConnection();
    return retiring || (most > 0 && deliveries >= most);
  }

  /** Begins the next transaction of the batch; false when nothing of it can be sent. */
  private boolean begin() {
    while (taken < batch.size()) {
      int to = Math.min(batch.size(), taken + policy.maxRecipientsPerBatch());
      var begun = ClientTransaction.begin(batch.subList(taken, to), offered, this::tell);
      taken = to;
      if (begun != null) {
        transaction = begun;
        sendEnvelope(begun);
        return true;
      }
    }
    return false;
  }

  private void tell(Message message, Outcome outcome) {
    if (returning) {
      source.giveBack(this, message, phase != ClientPhase.CLOSING);
    } else {
      source.onOutcome(this, message, outcome);
    }
  }

  private void sendEnvelope(ClientTransaction begun) {
    var out = command();
    writeEnvelope(begun, out);
    send(ClientPhase.MAIL, out, envelopeReplies(begun));
  }

  private void writeEnvelope(ClientTransaction begun, ByteBuf out) {
    begun.writeMail(out);
    if (offered.pipelining()) {
      for (int i = 0; i < begun.recipients(); i++) {
        begun.writeRcpt(out, i);
      }
      ClientCommands.data(out);
    }
  }

  private int envelopeReplies(ClientTransaction begun) {
    return offered.pipelining() ? begun.recipients() + 2 : 1;
  }

  /** Lets the next envelope travel with the end of a content, where that may be. */
  private void lookAhead() {
    int most = policy.maxDeliveriesPerConnection();
    boolean goesOn = !retiring && (most == 0 || deliveries + 1 < most);
    if (!goesOn || !offered.pipelining() || taken < batch.size() || !connection().writable()) {
      return;
    }
    var message = source.ahead(this);
    if (message != null) {
      follower = ClientTransaction.begin(List.of(message), offered, this::tell);
      if (follower != null) {
        var out = command();
        writeEnvelope(follower, out);
        connection().write(out);
      }
    }
  }

  /** Hands over content as long as the peer keeps up. */
  private void pump() {
    var connection = connection();
    var body = current().body();
    while (connection.writable()) {
      var part = body.next(connection.allocator());
      if (part == null) {
        // From here on the other side may have the mail, whether or not we hear of it.
        outstanding = 1;
        phase = ClientPhase.END;
        lookAhead();
        break;
      }
      connection.write(part);
    }
    await(phase);
    connection.flush();
  }

  private void endTransaction() {
    var ending = transaction;
    followed = false;
    if (ending != null) {
      transaction = null;
      ending.end();
    }
  }

  @Override
  public void onWritable() {
    scheduler.check();
    if (phase == ClientPhase.BODY) {
      pump();
    }
  }

  @Override
  public void onDeadline() {
    scheduler.check();
    switch (phase) {
      case IDLE -> enter(ClientPhase.QUIT);
      case QUIT, CLOSING -> end(session("closed"), false);
      case CONNECT -> end(lost("no connection in time"), false);
      // Where mail may go in clear, it does so by another connection.
      case TLS -> {
        late = true;
        connection().abort();
      }
      case BODY -> end(lost("the other side stopped reading"), false);
      default -> end(lost("no reply in time"), false);
    }
  }

  @Override
  public void onFault(Throwable fault) {
    scheduler.check();
    end(lost("internal error"), true);
  }

  @Override
  public void onClosed(@Nullable Throwable cause) {
    scheduler.check();
    if (dialsInClear(cause)) {
      return;
    }
    settle(lost(late ? "no handshake in time" : CloseReason.of(cause)));
    if (opening) {
      scheduler.post(this::tellClosed);
    } else {
      tellClosed();
    }
  }

  private void tellClosed() {
    source.onClosed(this, ready ? null : failure);
  }

  /**
   * What it means that the dialogue breaks off in the present phase: after the end of data nobody
   * knows whether the other side has the mail (RFC 1047).
   */
  private Outcome lost(String text) {
    if (phase == ClientPhase.END) {
      return new Unknown(new Reply(phase.word(), 0, "", text));
    }
    if (phase == ClientPhase.CONNECT) {
      return new TransientFailure(new Reply(phase.word(), 0, "", text), Scope.DOMAIN);
    }
    return session(text);
  }

  private Outcome session(String text) {
    var enhanced = phase == ClientPhase.TLS ? TLS_FAILED : "";
    return new TransientFailure(new Reply(phase.word(), 0, enhanced, text), Scope.SESSION);
  }

  /** Ends the session: settles what is open and closes, after what was written or at once. */
  private void end(Outcome outcome, boolean orderly) {
    settle(outcome);
    if (orderly) {
      connection().close();
    } else {
      connection().abort();
    }
  }

  /** Gives every message that has no outcome this one; from here on the session takes no more. */
  private void settle(Outcome outcome) {
    phase = ClientPhase.CLOSING;
    next = null;
    outstanding = 0;
    if (!ready && failure == null) {
      failure = outcome;
    }
    settle(transaction, outcome, followed);
    transaction = null;
    settle(follower, outcome, true);
    follower = null;
    var unsent =
        outcome instanceof Unknown ? new TransientFailure(outcome.reply(), Scope.SESSION) : outcome;
    while (taken < batch.size()) {
      source.onOutcome(this, batch.get(taken++), unsent);
    }
  }

  private void settle(@Nullable ClientTransaction ending, Outcome outcome, boolean givesBack) {
    if (ending != null) {
      returning = givesBack;
      ending.resolveAll(outcome);
      returning = false;
      ending.end();
    }
  }
}
