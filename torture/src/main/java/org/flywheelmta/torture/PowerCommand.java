package org.flywheelmta.torture;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "power",
    mixinStandardHelpOptions = true,
    description = {
      "Takes the power from a server again and again under load and judges what it lost.",
      "Its data lies on a file system of its own in a file, mounted by a loop device. A cut stops the",
      "server (SIGSTOP), copies that file without what was never written back to it, kills the",
      "server, and mounts the copy, whose journal is replayed. It needs root, loop devices and",
      "mkfs.ext4; without them it ends with 69. Judge it again with --outcome-window 100ms.",
    })
final class PowerCommand extends CutCommand {
  private static final Path IN_MEMORY = Path.of("/dev/shm");

  /** Outcomes are forced so long after they were written. */
  private static final Duration WINDOW = Duration.ofMillis(100);

  @Option(
      names = "--volume-size",
      paramLabel = "SIZE",
      description = "Of the file system; a cut copies what is in use of it.",
      defaultValue = "1GB",
      converter = SizeWords.class)
  long volumeBytes;

  @Option(
      names = "--image-folder",
      paramLabel = "DIR",
      description = {
        "Where the file is kept that the volume lies in, and its copy. In memory a force takes no",
        "longer than the window allows, whatever the disk does; /dev/shm where there is one, else",
        "the folder of the run."
      })
  @Nullable Path imageFolder;

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (options.data != null) {
      throw LoadOptions.usage(spec, "--data makes no sense: the data is on a volume of its own");
    }
    return super.call();
  }

  @Override
  Cut cut(Path place) throws IOException, InterruptedException {
    var folder = imageFolder == null ? IN_MEMORY : imageFolder;
    return LoopVolume.make(place, Files.isDirectory(folder) ? folder : place, volumeBytes);
  }

  @Override
  Duration leastWindow() {
    return WINDOW;
  }
}
