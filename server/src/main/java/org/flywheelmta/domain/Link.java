package org.flywheelmta.domain;

import org.flywheelmta.base.NonThreadSafe;
import org.jspecify.annotations.Nullable;

/**
 * A link of a ring. A ring is held by an anchor, which is a plain link; what is linked to nothing
 * is a ring of itself.
 */
@NonThreadSafe
class Link {
  private Link previous = this;
  private Link next = this;

  /** Puts this link before {@code other} in its ring. */
  final void linkBefore(Link other) {
    previous = other.previous;
    next = other;
    other.previous.next = this;
    other.previous = this;
  }

  final void unlink() {
    previous.next = next;
    next.previous = previous;
    previous = this;
    next = this;
  }

  /** Moves all that hangs on this anchor to the end of another's ring, in order. */
  final void spliceTo(Link anchor) {
    if (next == this) {
      return;
    }
    next.previous = anchor.previous;
    anchor.previous.next = next;
    previous.next = anchor;
    anchor.previous = previous;
    previous = this;
    next = this;
  }

  /** The message after this link; null where the anchor follows. */
  final @Nullable Waiting following() {
    return next instanceof Waiting waiting ? waiting : null;
  }

  /** The first link of the ring that this anchor holds; the anchor itself when there is none. */
  final Link first() {
    return next;
  }
}
