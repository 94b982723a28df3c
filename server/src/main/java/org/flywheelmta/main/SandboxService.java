package org.flywheelmta.main;

import java.util.List;
import java.util.Objects;
import org.flywheelmta.base.SingleThreadSafe;
import org.flywheelmta.config.Listen;
import org.flywheelmta.disk.DiskFailure;
import org.flywheelmta.net.Netlistener;
import org.flywheelmta.sandbox.Sandbox;
import org.flywheelmta.scheduler.Scheduler;
import org.jspecify.annotations.Nullable;

/** {@code sandbox_listener}: where a newcomer's mail ends. */
@SingleThreadSafe
final class SandboxService implements Service {
  private final Surroundings surroundings;
  private @Nullable Sandbox sandbox;

  SandboxService(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  @Override
  public void openDisk() throws DiskFailure {
    var doors = surroundings.doors();
    var settings = surroundings.settings();
    sandbox =
        Sandbox.open(
            settings.generation(),
            settings.folder(),
            surroundings.memory(),
            doors.disk(),
            doors.platform(),
            doors.log());
  }

  @Override
  public Netlistener.Sessions sessions(Listen listen) {
    return Objects.requireNonNull(sandbox).sessions(listen, surroundings.hostname());
  }

  @Override
  public void stop(List<Scheduler> schedulers, Runnable done) {
    Objects.requireNonNull(sandbox).stop(schedulers, done);
  }

  @Override
  public void closeDisk() {
    if (sandbox != null) {
      sandbox.close();
      sandbox = null;
    }
  }
}
