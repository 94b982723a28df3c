package org.flywheelmta.sandbox;

import java.nio.file.Path;
import java.util.List;
import org.flywheelmta.base.ConcurrentThreadSafe;
import org.flywheelmta.base.MemoryBudget;
import org.flywheelmta.base.OperatorLog;
import org.flywheelmta.config.Generation;
import org.flywheelmta.config.Listen;
import org.flywheelmta.disk.Disk;
import org.flywheelmta.disk.DiskFailure;
import org.flywheelmta.hook.Hooks;
import org.flywheelmta.net.Netlistener;
import org.flywheelmta.scheduler.Platform;
import org.flywheelmta.scheduler.Scheduler;
import org.flywheelmta.smtp.SmtpRoom;

/**
 * The sandbox of a server: the sessions of {@code sandbox_listener}, and the Maildir in which their
 * mail ends. No hook takes part in its sessions, since what it takes has passed them before.
 */
@ConcurrentThreadSafe
public final class Sandbox implements AutoCloseable {
  private final Maildir maildir;
  private final SmtpRoom sessions;

  private Sandbox(Maildir maildir, OperatorLog log) {
    this.maildir = maildir;
    this.sessions = new SmtpRoom(maildir, Hooks.none(log), log, null);
  }

  /**
   * Opens the Maildir; blocks.
   *
   * @param generation with a {@code sandbox_listener}
   * @param folder the data folder
   * @param memory the budget of the content that arrives at the sandbox, and of nothing else: a
   *     delivery to it keeps its own content until it is through
   * @throws DiskFailure when the folder cannot be used, or another process holds it
   */
  public static Sandbox open(
      Generation generation,
      Path folder,
      MemoryBudget memory,
      Disk disk,
      Platform platform,
      OperatorLog log)
      throws DiskFailure {
    var scope = generation.listeners(SandboxOptions.LISTENER).getFirst().scope();
    var path = folder.resolve(scope.get(SandboxOptions.PATH));
    return new Sandbox(
        Maildir.open(path, SandboxOptions.limits(scope), memory, disk, platform, log), log);
  }

  /**
   * The sessions of one of its addresses.
   *
   * @param hostname by which they greet, where {@code banner_hostname} is not set
   */
  public Netlistener.Sessions sessions(Listen listen, String hostname) {
    return sessions.sessions(listen, hostname);
  }

  /**
   * Says goodbye to every session, or when it has the answer from the disk that it waits for.
   *
   * @param schedulers all that serve its listeners
   * @param done called once, when the last session has closed
   */
  public void stop(List<Scheduler> schedulers, Runnable done) {
    sessions.stop(schedulers, done);
  }

  /** Writes what waits and gives the folder back, after {@link #stop}; blocks. */
  @Override
  public void close() {
    maildir.close();
  }
}
