package org.flywheelmta.main;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.concurrent.TimeUnit;
import org.flywheelmta.auth.AuthOptions;
import org.flywheelmta.bounce.BounceOptions;
import org.flywheelmta.config.Option;
import org.flywheelmta.config.Schema;
import org.flywheelmta.config.ScopeKind;
import org.flywheelmta.config.ScopeKind.Naming;
import org.flywheelmta.config.Types;
import org.flywheelmta.dns.DnsOptions;
import org.flywheelmta.domain.DomainOptions;
import org.flywheelmta.event.RingEventLog;
import org.flywheelmta.net.TlsOptions;
import org.flywheelmta.scheduler.IoEngine;
import org.flywheelmta.smtp.ClientOptions;
import org.flywheelmta.spool.SpoolSettings;

/** The options of the server as a whole, of floors that declare none, and the schema of all. */
final class ServerOptions {
  private static final long MOST_EVENT_FILE_BYTES = RingEventLog.Settings.MOST_FILE_BYTES;
  private static final long DAY = TimeUnit.DAYS.toNanos(1);
  private static final long DAYS_7 = TimeUnit.DAYS.toNanos(7);

  static final ScopeKind EVENTLOOP = ScopeKind.stanza("eventloop", Naming.NAME);
  static final ScopeKind THREADPOOL = ScopeKind.stanza("threadpool", Naming.NAME);
  static final ScopeKind SPOOL = ScopeKind.stanza("spool", Naming.NONE);

  static final Option<Optional<String>> HOSTNAME =
      Option.of("hostname", Types.optional(Types.hostname()), Optional.<String>empty())
          .in(ScopeKind.GLOBAL)
          .manual("The name of this server. Where it is not set: the name that the machine has.");

  static final Option<Long> MEMORY_LIMIT =
      Option.of("memory_limit", Types.size(0, Long.MAX_VALUE), 0L)
          .in(ScopeKind.GLOBAL)
          .manual(
              "How much memory the content of messages and unread input may take, outside of the heap."
                  + " From 75 % of it new mail gets 452 4.3.1, from 85 % what waits leaves memory for"
                  + " the spool, from 95 % nothing more is read from clients until some has left."
                  + " Each level ends 5 % lower. 0: half of what the process may have.");

  static final Option<Long> QUEUE_MEMORY_LIMIT =
      Option.of("queue_memory_limit", Types.size(0, Long.MAX_VALUE), 0L)
          .in(ScopeKind.GLOBAL)
          .manual(
              "How much of the heap messages may take while they are in the server, without their"
                  + " content: some 460 bytes each and their address; 152 bytes for one that waits with"
                  + " nothing of it in memory. From 75 % of it MAIL gets 452 4.3.1, when it is full RCPT does. What an earlier run left is taken in even"
                  + " above it. 0: half of what the process may have.");

  static final Option<Long> LISTENER_MEMORY =
      Option.of("listener_memory", Types.size(0, Long.MAX_VALUE), 0L)
          .in(ScopeKind.RECEPTION)
          .manual(
              "How much of memory_limit the connections of a listener may take together, for mail that"
                  + " arrives and unread input. From 75 % of it new mail of this listener gets 452"
                  + " 4.3.1. 0: no limit of its own.");

  static final Option<Optional<IoEngine>> IO_ENGINE =
      Option.of("io_engine", Types.choice(engines()), Optional.<IoEngine>empty())
          .in(ScopeKind.GLOBAL)
          .manual(
              "How schedulers wait for I/O. auto: epoll, where the machine has it, else nio, the"
                  + " selector of the JDK. io_uring is used only when it is asked for, since kernels"
                  + " differ and containers often forbid it; its rings count as locked memory, about"
                  + " 100 KiB for each scheduler (ulimit -l). With an engine that the machine does not"
                  + " have the server does not start, and says why.");

  static final Option<Integer> CONCURRENCY =
      Option.of("concurrency", Types.int32(1, 1_024), 1)
          .in(EVENTLOOP, THREADPOOL)
          .manual(
              "How many schedulers an eventloop has, or threads a threadpool. Where it is not set, a"
                  + " threadpool has what it has without a stanza: IO 4, CPU one for each"
                  + " processor.");

  static final Option<Integer> BACKLOG =
      Option.of("backlog", Types.int32(1, 10_000_000), 1_000)
          .in(THREADPOOL)
          .manual(
              "How many jobs may wait for a thread of the pool; whoever brings a further one is"
                  + " refused, and tries later.");

  static final Option<String> EVENT_LOOP =
      Option.of("event_loop", Types.string(), "events")
          .in(ScopeKind.RECEPTION)
          .manual("The pool of schedulers that serves the connections of a listener.");

  static final Option<String> DELIVERY_POOL =
      Option.of("delivery_pool", Types.string(), "events")
          .in(ScopeKind.GLOBAL)
          .manual("The pool of schedulers that keeps the domain records and delivers.");

  static final Option<Integer> LISTEN_BACKLOG =
      Option.of("listen_backlog", Types.int32(1, 65_535), 500)
          .in(ScopeKind.RECEPTION)
          .manual("How many connections the system queues before they are accepted.");

  static final Option<Integer> LISTENER_SESSIONS =
      Option.of("listener_sessions", Types.int32(1, 1_000_000), 20_000)
          .in(ScopeKind.RECEPTION)
          .manual("The most connections open at once; further ones get 421 4.4.5.");

  static final Option<String> SPOOL_PATH =
      Option.of("path", Types.string(), "spool")
          .in(SPOOL)
          .manual("The folder of the spool; a relative path counts from the data folder.");

  static final Option<List<String>> VOLUMES =
      Option.of("volumes", Types.list(Types.string()), List.<String>of())
          .in(SPOOL)
          .manual(
              "Folders of further volumes of the spool, each best on a disk of its own; a relative"
                  + " path counts from the data folder. New mail is spread over path and all of"
                  + " these. When one fails the others go on, and keep what becomes of the messages"
                  + " that wait on it. Volumes may be added at any time; one is taken out only once"
                  + " flywheel spool list shows nothing that waits there, and a server does not start"
                  + " without one that is named.");

  static final Option<Long> SEGMENT_SIZE =
      Option.of("segment_size", Types.size(1 << 20, 1 << 30), (long) SpoolSettings.SEGMENT_BYTES)
          .in(SPOOL)
          .manual("The size of a segment, a multiple of 4096. It holds for new segments.");

  static final Option<Long> FREE_RESERVE =
      Option.of("free_reserve", Types.size(0, Long.MAX_VALUE), 64L << 20)
          .in(SPOOL)
          .manual("How much of the volume stays free: no segment is made that would take it.");

  static final Option<Integer> MAX_WAITING_COMMITS =
      Option.of("max_waiting_commits", Types.int32(1, 10_000_000), 100_000)
          .in(SPOOL)
          .manual("How many transactions may wait for the disk; further ones get 452 4.3.1.");

  static final Option<Integer> OUTCOME_BACKLOG =
      Option.of("outcome_backlog", Types.int32(1, 10_000_000), 100_000)
          .in(SPOOL)
          .manual("How many outcomes may wait for the disk before no further delivery begins.");

  static final Option<Long> EVENT_FILE_SIZE =
      Option.of("event_file_size", Types.size(64 << 10, MOST_EVENT_FILE_BYTES), 256L << 20)
          .in(ScopeKind.GLOBAL)
          .manual(
              "How large a file of the event log gets before the next is begun. The next also begins"
                  + " with the first event a day after the last one did. A finished file is forced to"
                  + " the disk, and its index is sorted, for which some 5 % of its size are needed on"
                  + " the heap for a moment.");

  static final Option<Long> EVENT_RETENTION =
      Option.of("event_retention", Types.duration(TimeUnit.SECONDS), DAYS_7)
          .in(ScopeKind.GLOBAL)
          .manual(
              "How long a file of the event log stays after it was finished, and with it the history"
                  + " of messages that are done, for flywheel find. Files are looked at when the"
                  + " server starts, when a file begins, and once an hour while events come. 0: for"
                  + " ever.");

  static final Option<Long> EVENT_TOTAL_SIZE =
      Option.of("event_total_size", Types.size(0, Long.MAX_VALUE), 0L)
          .in(ScopeKind.GLOBAL)
          .manual(
              "How much all files of the event log may take, with their indexes. Beyond it the oldest"
                  + " are taken away, however young they are; never the one that is written. It is"
                  + " looked at when event_retention is, so they may take one event_file_size more."
                  + " 0: no limit.");

  static final Option<Boolean> DIRECT_IO =
      Option.of("direct_io", Types.bool(), true)
          .in(SPOOL)
          .manual(
              "Whether the spool is written by direct I/O, past the page cache, which takes less"
                  + " processor time and leaves that memory to others. What is read again, such as the"
                  + " envelope of a message whose delivery is tried once more, comes from the disk"
                  + " then. off: through the page cache, for a disk that turns or is far away, and is"
                  + " slow to read or write a single block. Where the file system does not support"
                  + " direct I/O the page cache is used all the same.");

  static final Option<Integer> COMPACTION_RATIO =
      Option.of("compaction_ratio", Types.int32(101, 10_000), 125)
          .in(SPOOL)
          .manual(
              "How much the segments of the spool may hold, in percent of what is still needed in them."
                  + " Beyond that, what is needed in the segments that keep least is moved on, in the"
                  + " background, and they are freed.");

  static final Option<Long> COMPACTION_RATE =
      Option.of("compaction_rate", Types.size(0, Long.MAX_VALUE), 16L << 20)
          .in(SPOOL)
          .manual("How much compaction moves in a second at most. 0: it never runs.");

  static final Option<Long> VERIFY_RATE =
      Option.of("verify_rate", Types.size(0, Long.MAX_VALUE), 32L << 20)
          .in(SPOOL)
          .manual(
              "How much a start reads in a second at most to verify the segments that it took over by"
                  + " their checkpoints, once it has handed over what waits. 0: content is verified"
                  + " when it is delivered and not before.");

  static final Option<SpoolSettings.Compression> COMPRESSION =
      Option.of(
              "compression",
              Types.choice(SpoolSettings.Compression.class),
              SpoolSettings.Compression.NONE)
          .in(SPOOL)
          .manual(
              "Whether content above 128 KiB is compressed in the spool. none: it is written as it is."
                  + " zstd: it is compressed part by part, where that saves an eighth of a part, on a"
                  + " thread of its own. Text takes about a third of the room then, what is"
                  + " encoded in base64 three quarters. What was written before stays as it is, and is"
                  + " read whatever stands here.");

  static final Option<Long> DEDUPE_RETENTION =
      Option.of("dedupe_retention", Types.duration(TimeUnit.SECONDS), DAY)
          .in(SPOOL)
          .manual(
              "How long the dedupe key of a mail is kept, from when its content began. Mail that comes"
                  + " again with the same key in that time is answered as the first one was, and not"
                  + " delivered again, over restarts too. Shorter than what a client that got no answer"
                  + " takes to send again: it is delivered twice. 0: no key is kept.");

  static final Option<Integer> DEDUPE_KEYS =
      Option.of("dedupe_keys", Types.int32(0, 100_000_000), 1_000_000)
          .in(SPOOL)
          .manual(
              "How many dedupe keys are kept at most; beyond that the oldest go first, however young"
                  + " they are. Each that there is takes 56 bytes of the heap, and some 200 of the"
                  + " spool once its mail is gone from there. 0: no key is kept.");

  private ServerOptions() {}

  private static SequencedMap<String, Optional<IoEngine>> engines() {
    var engines = new LinkedHashMap<String, Optional<IoEngine>>();
    engines.put("auto", Optional.empty());
    for (var engine : IoEngine.values()) {
      engines.put(engine.toString(), Optional.of(engine));
    }
    return engines;
  }

  /** The schema of the product. */
  static Schema schema() {
    var schema = Schema.builder();
    schema
        .stanzas(EVENTLOOP, THREADPOOL, SPOOL)
        .options(
            HOSTNAME,
            MEMORY_LIMIT,
            QUEUE_MEMORY_LIMIT,
            LISTENER_MEMORY,
            IO_ENGINE,
            CONCURRENCY,
            BACKLOG,
            EVENT_LOOP,
            DELIVERY_POOL,
            LISTEN_BACKLOG,
            LISTENER_SESSIONS,
            SPOOL_PATH,
            SEGMENT_SIZE,
            FREE_RESERVE,
            MAX_WAITING_COMMITS,
            OUTCOME_BACKLOG,
            VOLUMES,
            DIRECT_IO,
            COMPACTION_RATIO,
            COMPACTION_RATE,
            VERIFY_RATE,
            COMPRESSION,
            DEDUPE_RETENTION,
            DEDUPE_KEYS,
            EVENT_FILE_SIZE,
            EVENT_RETENTION,
            EVENT_TOTAL_SIZE);
    TlsOptions.declare(schema);
    DnsOptions.declare(schema);
    DomainOptions.declare(schema);
    Protocol.ALL.forEach(protocol -> protocol.declares().accept(schema));
    ClientOptions.declare(schema);
    BounceOptions.declare(schema);
    AuthOptions.declare(schema);
    ServerChecks.declare(schema);
    return schema.build();
  }
}
