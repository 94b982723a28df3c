package org.flywheelmta.torture;

import java.nio.file.Path;
import java.time.Duration;
import picocli.CommandLine.Command;

@Command(
    name = "kill",
    mixinStandardHelpOptions = true,
    description = {
      "Kills a server again and again under load and judges what it lost.",
      "Nothing may be lost, damaged or invented, and repeated only what a kill excuses."
    })
final class KillCommand extends CutCommand {
  @Override
  Cut cut(Path place) {
    return Cut.KILL;
  }

  @Override
  Duration leastWindow() {
    return Duration.ZERO;
  }
}
