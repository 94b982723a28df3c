package org.flywheelmta.clients;

import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * What a {@link Receiver}, or another that follows a script, has seen and done. Any thread may add
 * and ask.
 */
public final class ReceiverCounts {
  private final LongAdder connections = new LongAdder();
  private final LongAdder mails = new LongAdder();
  private final LongAdder recipients = new LongAdder();
  private final LongAdder bytes = new LongAdder();
  // By moment and what was done; a script has few of them.
  private final Map<String, LongAdder> byScript = new ConcurrentSkipListMap<>();

  /** Connections accepted. */
  public long connections() {
    return connections.sum();
  }

  /** Mails whose end was answered with 2xx. */
  public long mails() {
    return mails.sum();
  }

  /** Recipients of those mails. */
  public long recipients() {
    return recipients.sum();
  }

  /** Octets of the content of those mails, each line end counted as two. */
  public long bytes() {
    return bytes.sum();
  }

  /** How often the script did what, by moment and action: {@code rcpt 450}, {@code end close}. */
  public Map<String, LongAdder> byScript() {
    return byScript;
  }

  void connected() {
    connections.increment();
  }

  void took(int recipientCount, long contentBytes) {
    mails.increment();
    recipients.add(recipientCount);
    bytes.add(contentBytes);
  }

  /**
   * A script did something.
   *
   * @param action a code, or its word
   */
  public void did(Moment moment, String action) {
    byScript.computeIfAbsent(moment.word() + " " + action, _ -> new LongAdder()).increment();
  }
}
