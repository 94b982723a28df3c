/**
 * Floor 8: domain records with their mail queues, and the maintainer that decides how many
 * connections a queue deserves.
 *
 * <p>A domain record belongs to one scheduler, chosen by a hash of its name over the delivery pool;
 * everything about it happens there, without locks, and everyone else hands over, through {@link
 * org.flywheelmta.domain.Domains}. Queues are driven by events and timers, never scanned. How
 * messages travel is a {@link org.flywheelmta.domain.DeliveryMethod}, implemented by each
 * protocol's room above.
 *
 * <p>A message is in one place at a time, as a {@code Waiting}: the {@code MailQueue} of what wants
 * to be delivered now, first in, first out; the {@code DelayedQueue} of what waits for a time of
 * the wall clock; a session, prepared or delivering; or with {@code Bouncing}. The {@code
 * Maintainer} opens sessions, each of which has a {@code SessionSource} as its record's side. The
 * {@code Ledger} writes every outcome to the spool and then to the event log, whose slot was
 * reserved before. Where a sender is owed a notification, {@code Bouncing} has it made by {@link
 * org.flywheelmta.domain.Bounces}, and the message stays in its record until that is durable and
 * its outcome with it. What concerns all that waits (a dead host, a blackhole, a new generation),
 * and what is given up, is moved aside and settled by a {@code Drain}, in bounded steps.
 *
 * <p>What waits is mostly a stub: its envelope and content are in the spool alone. {@code
 * BatchContent} reads both back for a session; {@code EnvelopeReads} has envelopes read for whoever
 * settles messages without delivering them.
 *
 * <p>Where mail goes is the record's {@code RecordRoute}, found by a {@link
 * org.flywheelmta.domain.Router} from the domain name system or the configuration. How an address
 * fares is a {@code HostRecord}, which all records of a scheduler share: a host that fails is
 * skipped by all of them, and its idle sessions serve any of them.
 *
 * <p>The record of a gateway, or of one of {@code hot_domains}, is spread over all schedulers: each
 * has a shard, which is a record like any other. The shards of a name share a {@code
 * ConnectionLimit}, and so do all records; a record asks for its tokens with a {@code Claim}, and
 * they are handed from one to the other without a lock.
 *
 * <p>Mail for a domain with a gateway queues under the gateway, whose connections and retries
 * apply; suspension, blackhole and expiry stay those of the recipient's domain, and are looked at
 * again when the configuration's generation has changed. Mail of a suspended or blackholed domain
 * is in that domain's own record.
 *
 * <p>It may use the floors below. A host that fails costs its record a pause and its messages a
 * retry; an event ring or spool without room makes deliveries wait. A broken invariant stops the
 * process, whose spool is the recovery.
 */
@NullMarked
package org.flywheelmta.domain;

import org.jspecify.annotations.NullMarked;
