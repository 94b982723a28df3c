package org.flywheelmta.mutation;

import static org.flywheelmta.mutation.Mutation.Scenario.DAY;

import java.lang.classfile.Opcode;
import java.util.List;

/** The seeded defects. */
final class Mutations {
  /** Within so many seeds each must be found. */
  static final int SEEDS = 200;

  private Mutations() {}

  static final List<Mutation> ALL =
      List.of(
          new Mutation(
              "force-left-out",
              "what was acknowledged was not forced",
              "spool.LogWriter",
              "force",
              Edit.omitCall("FinalForce", "of")),
          new Mutation(
              "answered-before-force",
              "the force comes after the answer, with the mark",
              "spool.LogEnd",
              "force",
              Edit.omitCall("LogWriter", "force")),
          new Mutation(
              "name-not-forced",
              "a segment's file is forced and its name is not",
              "spool.SegmentDuty",
              "create",
              Edit.omitCall("Disk", "forceFolder")),
          new Mutation(
              "forced-block-written-again",
              "the log goes on in the block that was forced, which a power cut may tear",
              "spool.LogWriter",
              "force",
              Edit.omitStore("position")),
          new Mutation(
              "outcome-not-written",
              "a final outcome is not kept",
              "domain.Ledger",
              "done",
              Edit.omitCall("Ledger", "store")),
          new Mutation(
              "outcome-not-restated",
              "a segment is recycled although it holds states of transactions elsewhere",
              "spool.Recycling",
              "advance",
              Edit.misread("states", 0)),
          new Mutation(
              "recycled-before-force",
              "a segment is blanked before what emptied it was forced",
              "spool.Recycling",
              "advance",
              Edit.neverBranch(Opcode.IFGT)),
          new Mutation(
              "recovered-and-not-forced",
              "recovery concludes from octets that a later power cut takes back",
              "spool.RecoveryDuty",
              "learn",
              Edit.omitCall("FinalForce", "of")),
          new Mutation(
              "recovered-not-handed-over",
              "what an earlier run left is read and dropped",
              "spool.HandOver",
              "next",
              Edit.omitCall("ArrayList", "add")),
          new Mutation(
              "wake-up-lost",
              "the commit thread is not woken by a request",
              "spool.LogSpool",
              "post",
              Edit.omitCall("LogSpool", "wakeCommits")),
          new Mutation(
              "event-wake-up-lost",
              "the event writer is not woken by an event",
              "event.RingEventLog",
              "publish",
              Edit.omitCall("Worker", "wake")),
          new Mutation(
              "drain-not-cleared",
              "a scheduler believes for ever that its inbox is about to be emptied",
              "scheduler.Scheduler",
              "drain",
              Edit.omitCall("AtomicBoolean", "set")),
          new Mutation(
              "content-released-twice",
              "the commit gives back a reference to the content that is not its own",
              "spool.Request$Commit",
              "run",
              Edit.repeatCall("Content", "release")),
          new Mutation(
              "content-never-released",
              "a content that was read back keeps one reference for ever",
              "domain.BatchContent$1",
              "onLoaded",
              Edit.omitCall("Content", "release")),
          new Mutation(
              "retry-not-armed",
              "what waits for its time has no timer",
              "domain.WallAlarm",
              "rearm",
              Edit.omitCall("Scheduler", "arm")),
          new Mutation(
              "earlier-retry-not-armed",
              "the timer stays at a later time when an earlier one is added",
              "domain.WallAlarm",
              "onAdded",
              Edit.omitCall("WallAlarm", "rearm")),
          new Mutation(
              "batch-not-put-back",
              "a session that closes takes the batch with it that it had not begun",
              "domain.SessionSource",
              "end",
              Edit.omitCall("DomainRecord", "putBack")),
          new Mutation(
              "dot-not-doubled",
              "a line that begins with a dot loses it",
              "smtp.DotStuffer",
              "passRun",
              Edit.misstore("doubled", 0)),
          new Mutation(
              "one-connection-too-many",
              "max_outbound_connections is exceeded by one",
              "domain.ConnectionLimit",
              "takeFree",
              Edit.turnCondition(Opcode.IF_ICMPLT, Opcode.IF_ICMPLE)),
          new Mutation(
              "token-not-handed-over",
              "a connection that comes back is offered to nobody who waits",
              "domain.ConnectionLimit",
              "giveBack",
              Edit.omitCall("ConnectionLimit", "serve")),
          new Mutation(
              "room-not-given-back",
              "queue_memory_limit fills up for ever",
              "message.Message",
              "deallocate",
              Edit.omitCall("Lender", "release")),
          new Mutation(
              "clock-watched-once",
              "a step of the wall clock is not followed after the first second",
              "domain.ClockWatch",
              "look",
              Edit.omitCall("Scheduler", "arm")),
          new Mutation(
              "drain-not-begun",
              "messages that are to fail together are moved aside and forgotten",
              "domain.Drain",
              "begin",
              Edit.omitCall("Drain", "post")),
          new Mutation(
              "hand-over-not-counted-down",
              "handover_limit fills up for ever",
              "domain.DomainTable",
              "arrive",
              Edit.omitCall("Limit", "release")),
          new Mutation(
              "abandoned-chunks-kept",
              "content of a mail that was not finished holds its segments for ever",
              "spool.CommitDuty",
              "drop",
              Edit.omitCall("List", "forEach")),
          new Mutation(
              "settlement-not-kept",
              "a notification is kept, and the outcome that its record carries is not",
              "spool.CommitDuty",
              "settle",
              Edit.omitCall("LogEnd", "onceForced")),
          new Mutation(
              "settlement-not-recovered",
              "recovery takes a notification, and not the outcome that its record carries",
              "spool.RecoveryDuty",
              "step",
              Edit.omitCall("RecoveryScan", "settle")),
          new Mutation(
              "turn-not-given",
              "a notification that ends lets no other begin",
              "domain.Bouncing",
              "end",
              Edit.omitCall("Bouncing", "begin")),
          new Mutation(
              "skipped-host-forgotten",
              "nobody looks again when the pause of a host that failed is over",
              "domain.Maintainer",
              "openSome",
              Edit.omitCall("Maintainer", "lookAgainIn"),
              DAY),
          new Mutation(
              "search-without-end",
              "a record believes for ever that its route is being looked for",
              "domain.RecordRoute",
              "onRoute",
              Edit.omitStore("searching"),
              DAY),
          new Mutation(
              "connection-taken-over-and-left",
              "a session that another record took over is not asked to begin",
              "domain.SessionSource",
              "takeOver",
              Edit.omitCall("SessionSource", "wake"),
              DAY),
          new Mutation(
              "expired-route-kept",
              "a route counts for ever",
              "domain.RecordRoute",
              "counts",
              Edit.neverBranch(Opcode.IFLE),
              DAY),
          new Mutation(
              "expired-answer-kept",
              "the answer of a look-up counts for ever",
              "dns.AnswerCache",
              "find",
              Edit.neverBranch(Opcode.IFEQ),
              DAY),
          new Mutation(
              "second-asker-forgotten",
              "who asks for what is being looked up is never answered",
              "dns.Lookups",
              "ask",
              Edit.omitCall("Lookup", "add"),
              DAY));
}
