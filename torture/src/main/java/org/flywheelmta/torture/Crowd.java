package org.flywheelmta.torture;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Thousands of connections that cost a server something and bring it nothing. One thread serves
 * them all, so that the crowd takes little of the machine itself; it connects a bounded number at a
 * time. What becomes of them is counted. Any thread may ask and close.
 */
public final class Crowd implements Closeable {
  /** How many may be on their way in at the same time. */
  private static final int BURST_MAX = 100;

  /** Reasons beyond this are counted together. */
  private static final int REASONS_MAX = 30;

  private static final int SCRATCH_BYTES = 1 << 16;
  private static final long POLL_MILLIS = 100;
  private static final long ENTRY_LIMIT_NANOS = TimeUnit.SECONDS.toNanos(30);
  private static final long CHECK_LIMIT_SECONDS = 30;

  private final InetSocketAddress server;
  private final CrowdKind idleKind;
  private final int idle;
  private final int slow;
  private final long octetEveryNanos;
  private final Selector selector;
  private final Thread thread;
  private final CountDownLatch settled = new CountDownLatch(1);
  private final AtomicReference<@Nullable CountDownLatch> asked = new AtomicReference<>();
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private volatile boolean closed;

  // Of the crowd's thread alone.
  private final Map<CrowdMember, Long> entering = new LinkedHashMap<>();
  private final Set<CrowdMember> standing = new LinkedHashSet<>();
  private final Deque<Due> dues = new ArrayDeque<>();
  private final ByteBuffer scratch = ByteBuffer.allocateDirect(SCRATCH_BYTES);
  private int begun;

  // Written by the crowd's thread, read by all.
  private volatile Census census;

  private record Due(CrowdMember member, long nanos) {}

  /**
   * Who stands and who does not.
   *
   * @param gone how many the server refused or closed, by what it said
   */
  public record Census(
      int idleWanted, int slowWanted, int idle, int slow, Map<String, Integer> gone) {
    /** Whether everybody stands. */
    public boolean isComplete() {
      return idle == idleWanted && slow == slowWanted;
    }

    /** The same for a person. */
    public String line() {
      return "stand: idle %d of %d  slow %d of %d".formatted(idle, idleWanted, slow, slowWanted);
    }

    private Census with(CrowdMember member, int change) {
      boolean isIdle = member.kind().isIdle();
      return new Census(
          idleWanted, slowWanted, idle + (isIdle ? change : 0), slow + (isIdle ? 0 : change), gone);
    }

    private Census without(String reason) {
      var more = new TreeMap<>(gone);
      boolean room = more.size() < REASONS_MAX || more.containsKey(reason);
      more.merge(room ? reason : "other reasons", 1, Integer::sum);
      return new Census(idleWanted, slowWanted, idle, slow, more);
    }
  }

  private Crowd(
      InetSocketAddress server, CrowdKind idleKind, int idle, int slow, Duration octetEvery)
      throws IOException {
    this.server = server;
    this.idleKind = idleKind;
    this.idle = idle;
    this.slow = slow;
    this.octetEveryNanos = octetEvery.toNanos();
    this.selector = Selector.open();
    this.census = new Census(idle, slow, 0, 0, Map.of());
    this.thread =
        Thread.ofPlatform()
            .name("crowd")
            .daemon()
            .uncaughtExceptionHandler((t, e) -> failed(e))
            .unstarted(this::run);
  }

  /**
   * Begins to connect.
   *
   * @param slow connections of the slow kinds, mixed evenly
   * @param octetEvery how often each of them sends an octet
   */
  static Crowd gather(InetSocketAddress server, int idle, int slow, Duration octetEvery)
      throws IOException {
    var crowd = new Crowd(server, CrowdKind.IDLE, idle, slow, octetEvery);
    crowd.thread.start();
    return crowd;
  }

  /** Begins to connect so many that read the greeting and then say nothing. */
  public static Crowd silent(InetSocketAddress server, int count) throws IOException {
    var crowd = new Crowd(server, CrowdKind.SILENT, count, 0, Duration.ZERO);
    crowd.thread.start();
    return crowd;
  }

  /** Waits until each connection stands or has failed. */
  public boolean await(Duration limit) throws IOException, InterruptedException {
    boolean all = settled.await(limit.toNanos(), TimeUnit.NANOSECONDS);
    check();
    return all;
  }

  /** Who stands now, as far as is known without a look. */
  public Census census() {
    return census;
  }

  /** As {@link #census}, after those who do not listen were looked at too. */
  public Census fullCensus() throws IOException, InterruptedException {
    var answer = new CountDownLatch(1);
    asked.set(answer);
    selector.wakeup();
    if (!answer.await(CHECK_LIMIT_SECONDS, TimeUnit.SECONDS)) {
      throw new IOException("the crowd does not answer");
    }
    check();
    return census;
  }

  /** The processor time that the crowd itself has taken. */
  Duration cpu() {
    long nanos = ManagementFactory.getThreadMXBean().getThreadCpuTime(thread.threadId());
    return Duration.ofNanos(Math.max(0, nanos));
  }

  private void check() throws IOException {
    var cause = failure.get();
    if (cause != null) {
      throw new IOException("the crowd failed: " + cause.getMessage(), cause);
    }
  }

  private void run() {
    try {
      while (!closed) {
        enter();
        long timeout = dues.isEmpty() ? POLL_MILLIS : millisUntil(dues.peek().nanos());
        selector.select(key -> ready((CrowdMember) key.attachment()), timeout);
        trickle();
        giveUpOnLate();
        answer();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      entering.keySet().forEach(CrowdMember::reset);
      standing.forEach(CrowdMember::reset);
    }
  }

  private static long millisUntil(long nanos) {
    long left = TimeUnit.NANOSECONDS.toMillis(nanos - System.nanoTime());
    return Math.clamp(left, 1, POLL_MILLIS);
  }

  private void enter() {
    while (begun < idle + slow && entering.size() < BURST_MAX) {
      // Both kinds come in evenly mixed, however many there are of each.
      long slowBefore = (long) begun * slow / (idle + slow);
      long slowAfter = (begun + 1L) * slow / (idle + slow);
      var kind = slowAfter > slowBefore ? CrowdKind.slow((int) slowBefore) : idleKind;
      begun++;
      try {
        entering.put(CrowdMember.connect(kind, server, selector), System.nanoTime());
      } catch (IOException e) {
        census = census.without("refused: " + e.getMessage());
      }
    }
    if (begun == idle + slow && entering.isEmpty()) {
      settled.countDown();
    }
  }

  private void ready(CrowdMember member) {
    try {
      if (!member.ready(scratch)) {
        gone(member, null);
      } else if (member.isStanding() && entering.remove(member) != null) {
        standing.add(member);
        census = census.with(member, 1);
        expect(member);
      }
    } catch (IOException e) {
      gone(member, e);
    }
  }

  private void expect(CrowdMember member) {
    if (member.kind().trickle != CrowdKind.Trickle.NONE) {
      dues.add(new Due(member, System.nanoTime() + octetEveryNanos));
    }
  }

  /** All wait equally long, so whoever was expected first is due first. */
  private void trickle() {
    long now = System.nanoTime();
    while (!dues.isEmpty() && dues.peek().nanos() - now <= 0) {
      var member = dues.remove().member();
      if (standing.contains(member)) {
        try {
          member.trickle();
          expect(member);
        } catch (IOException e) {
          gone(member, e);
        }
      }
    }
  }

  private void giveUpOnLate() {
    long now = System.nanoTime();
    while (!entering.isEmpty()) {
      var oldest = entering.entrySet().iterator().next();
      if (now - oldest.getValue() < ENTRY_LIMIT_NANOS) {
        break;
      }
      gone(oldest.getKey(), new IOException("no further reply after " + said(oldest.getKey())));
    }
  }

  private static String said(CrowdMember member) {
    return member.lastReply().isEmpty() ? "none at all" : member.lastReply();
  }

  private void gone(CrowdMember member, @Nullable IOException cause) {
    if (standing.remove(member)) {
      census = census.with(member, -1);
    }
    entering.remove(member);
    census = census.without(member.reason(cause));
    member.reset();
  }

  private void answer() {
    var answer = asked.getAndSet(null);
    if (answer != null) {
      for (var member : Set.copyOf(standing)) {
        if (!member.kind().reads) {
          look(member);
        }
      }
      answer.countDown();
    }
  }

  private void look(CrowdMember deaf) {
    try {
      if (!deaf.read(scratch)) {
        gone(deaf, null);
      }
    } catch (IOException e) {
      gone(deaf, e);
    }
  }

  private void failed(Throwable cause) {
    failure.compareAndSet(null, cause);
    settled.countDown();
    var answer = asked.getAndSet(null);
    if (answer != null) {
      answer.countDown();
    }
  }

  /** Closes every connection. */
  @Override
  public void close() throws IOException {
    closed = true;
    selector.wakeup();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    selector.close();
  }
}
