package org.flywheelmta.main;

import java.util.List;
import java.util.Objects;
import org.flywheelmta.base.SingleThreadSafe;
import org.flywheelmta.config.Listen;
import org.flywheelmta.intake.Intake;
import org.flywheelmta.net.Netlistener;
import org.flywheelmta.scheduler.Scheduler;
import org.flywheelmta.smtp.SmtpRoom;
import org.jspecify.annotations.Nullable;

/** {@code esmtp_listener}: mail by SMTP. */
@SingleThreadSafe
final class SmtpService implements Service {
  private final Surroundings surroundings;
  private @Nullable SmtpRoom room;

  SmtpService(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  @Override
  public void open(Intake intake) {
    room =
        new SmtpRoom(
            intake,
            surroundings.settings().hooks(),
            surroundings.doors().log(),
            surroundings.authentication().authenticator());
  }

  @Override
  public Netlistener.Sessions sessions(Listen listen) {
    return Objects.requireNonNull(room).sessions(listen, surroundings.hostname());
  }

  @Override
  public void stop(List<Scheduler> schedulers, Runnable done) {
    Objects.requireNonNull(room).stop(schedulers, done);
  }
}
