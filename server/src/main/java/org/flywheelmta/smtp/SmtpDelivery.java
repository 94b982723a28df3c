package org.flywheelmta.smtp;

import io.netty.channel.ChannelException;
import java.net.InetSocketAddress;
import org.flywheelmta.base.ConcurrentThreadSafe;
import org.flywheelmta.domain.DeliveryMethod;
import org.flywheelmta.domain.DeliverySession;
import org.flywheelmta.domain.DeliverySource;
import org.flywheelmta.domain.DeliveryTarget;
import org.flywheelmta.net.Connector;
import org.flywheelmta.scheduler.Scheduler;

/**
 * Delivery by SMTP (RFC 5321): a connection to a host, secured where the policy says so and the
 * host lets us, over which mails go out one transaction after the other.
 *
 * <p>How a session ends before it is ready: {@code TransientFailure} of scope {@code DOMAIN} when
 * there was no connection, of scope {@code SESSION} when the peer did not get through greeting and
 * EHLO, {@code PermanentFailure} when it refused either with a 5xx. Whether another host is worth a
 * try is the source's to judge.
 *
 * <p>Outcomes of messages: a reply decides where there is one. {@code Unknown} is told of those
 * whose end of data was handed to the connection and whose reply never came or made no sense.
 */
@ConcurrentThreadSafe
public final class SmtpDelivery implements DeliveryMethod {
  private static final int INPUT_LIMIT_BYTES = 16 * 1024;

  private final Connector connector;
  private final ClientPolicies policies;
  private final PlainHosts plain = new PlainHosts();

  /**
   * A method that opens its connections by {@code connector}.
   *
   * @param policies asked for each session, and before a session goes over to another source
   */
  public SmtpDelivery(Connector connector, ClientPolicies policies) {
    this.connector = connector;
    this.policies = policies;
  }

  @Override
  public DeliverySession open(Scheduler scheduler, DeliveryTarget target, DeliverySource source) {
    scheduler.check();
    var tls = policies.of(target.domain()).tls();
    var address = target.address();
    boolean inClear =
        tls.wanted() && !tls.required() && plain.has(address, tls, scheduler.nanoTime());
    var session =
        new ClientSession(
            scheduler,
            target,
            source,
            wanted -> policies.of(wanted.domain()),
            new Dialing(scheduler, address),
            inClear);
    dial(scheduler, address, session);
    session.opened();
    return session;
  }

  private void dial(Scheduler scheduler, InetSocketAddress address, ClientSession session) {
    try {
      connector.connect(
          scheduler, address, session.connectTimeoutNanos(), INPUT_LIMIT_BYTES, session::attach);
    } catch (ChannelException noSocket) {
      session.onClosed(noSocket);
    }
  }

  /** The connections of one session. */
  private final class Dialing implements ClientSession.Dialer {
    private final Scheduler scheduler;
    private final InetSocketAddress address;

    Dialing(Scheduler scheduler, InetSocketAddress address) {
      this.scheduler = scheduler;
      this.address = address;
    }

    @Override
    public void dial(ClientSession session) {
      SmtpDelivery.this.dial(scheduler, address, session);
    }

    @Override
    public void onTlsFailed(ClientTls tls) {
      plain.add(address, tls, scheduler.nanoTime());
    }
  }
}
