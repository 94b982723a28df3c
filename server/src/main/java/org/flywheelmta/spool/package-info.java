/**
 * Floor 7: the spool makes messages durable and gives them back after a restart. It is a log of
 * recycled segments, written in gathered batches by one commit thread per volume and forced once
 * per batch ({@code docs/ARCHITECTURE.md}, "The spool").
 *
 * <p>{@link org.flywheelmta.spool.LogSpool} is the front of one volume, and {@link
 * org.flywheelmta.spool.SpoolVolumes} of several, which know of each other by {@code Volumes}.
 * Callers encode and post requests. Three workers of each volume do the rest. {@code CommitDuty}
 * owns the end of the log ({@code LogWriter}, {@code LogEnd}, {@code LogRoom}), what waits to be
 * written ({@code OutcomeQueue}, {@code Restating}) and the accounts of what is still needed
 * ({@code Accounts}, {@code Recycling}, {@code Compaction}, {@code Reads}); {@code SegmentDuty}
 * makes and blanks segments, and fetches what is repeated further on; {@code RecoveryDuty} takes
 * what an earlier start left from {@code Facts}, which a segment's checkpoints hold or its records
 * tell, and verifies later what it believed. Where large content is compressed, {@code
 * CompressionLane} is a fourth, in front of the commit thread. {@link
 * org.flywheelmta.spool.SpoolReader} looks at a spool for the tools and writes nothing. A
 * transaction may be the outcome of another's message too ({@link
 * org.flywheelmta.spool.Settlement}), and be known by a key if it is sent again ({@link
 * org.flywheelmta.spool.DedupeKey}). The format is in {@code docs/spool-format.md}.
 *
 * <p>It may use the floors below. The commit thread owns segments, residences and accounts; others
 * reach it through {@link org.flywheelmta.spool.Spool}, which never blocks and completes on the
 * scheduler that asked. A failed force seals the volume: nothing positive is answered for it again.
 */
@NullMarked
package org.flywheelmta.spool;

import org.jspecify.annotations.NullMarked;
