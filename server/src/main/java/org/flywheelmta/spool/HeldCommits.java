package org.flywheelmta.spool;

import java.util.ArrayList;
import java.util.List;
import org.flywheelmta.base.SingleThreadSafe;

/**
 * Commits with a dedupe key, and questions for one, that wait until the keys of earlier starts are
 * known: the mail that is sent again after a crash is what keys are for. Part of the commit thread.
 */
@SingleThreadSafe
final class HeldCommits {
  /** Of those that may wait for the commit thread, so many are others' whatever waits here. */
  private static final int SHARE = 4;

  /** Octets that may wait here, so that memory is left for those that need not. */
  private static final long MOST_BYTES = 64L * 1024 * 1024;

  private final int mostCommits;
  private List<Request.Commit> held = new ArrayList<>();
  private List<Request.FindKey> finds = new ArrayList<>();
  private long bytes;
  private boolean holding = true;

  /**
   * @param maxWaitingCommits of the whole volume
   */
  HeldCommits(int maxWaitingCommits) {
    this.mostCommits = Math.max(1, maxWaitingCommits / SHARE);
  }

  /** Whether a commit has to wait here. */
  boolean concerns(Request.Commit commit) {
    return holding && commit.key != null;
  }

  /** Whether a question for a key has to wait here, and if so takes it. */
  boolean holds(Request.FindKey find) {
    if (holding) {
      finds.add(find);
    }
    return holding;
  }

  /** The questions that wait; called before {@link #letGo}. */
  List<Request.FindKey> letGoFinds() {
    var all = finds;
    finds = new ArrayList<>();
    return all;
  }

  /** Takes a commit that has to wait; false where too many do. */
  boolean hold(Request.Commit commit) {
    if (held.size() >= mostCommits || bytes + commit.payloadBytes() > MOST_BYTES) {
      return false;
    }
    held.add(commit);
    bytes += commit.payloadBytes();
    return true;
  }

  /** Those that wait, in the order in which they came; none has to from here on. */
  List<Request.Commit> letGo() {
    var all = held;
    held = new ArrayList<>();
    bytes = 0;
    holding = false;
    return all;
  }
}
