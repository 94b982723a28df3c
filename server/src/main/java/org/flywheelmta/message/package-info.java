/**
 * Floor 6: the message that every protocol shares: one recipient of one accepted transaction, with
 * the content that all its recipients share, the envelope, addresses and headers.
 *
 * <p>A message passes through stages and has one owner in each: <em>received</em> (the session),
 * <em>committed</em> (in hand-over), <em>queued</em> and <em>delivering</em> (the domain's
 * scheduler), <em>done</em>. It crosses threads only between stages, by hand-over. Messages and
 * contents are reference-counted: whoever holds one beyond a call has retained it and releases it.
 *
 * <p>It may use the floors below and Netty's buffers. It owns no thread. Bad input is a value; a
 * wrong count of references is a bug and fails a {@link org.flywheelmta.base.Check}.
 */
@NullMarked
package org.flywheelmta.message;

import org.jspecify.annotations.NullMarked;
