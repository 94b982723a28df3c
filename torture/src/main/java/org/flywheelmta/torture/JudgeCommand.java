package org.flywheelmta.torture;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "judge",
    mixinStandardHelpOptions = true,
    description = "Judges a kept run again from its ledger, sink record and kill record.")
final class JudgeCommand implements Callable<Integer> {
  @Parameters(paramLabel = "FOLDER", description = "Where 'kill' kept the run.")
  Path folder = Path.of(".");

  @Option(
      names = "--waiting",
      paramLabel = "FILE",
      description = "What a listing of the spool printed: recipients in it are not lost.")
  @Nullable Path waiting;

  @Mixin JudgeOptions judge = new JudgeOptions();

  @Override
  public Integer call() throws IOException {
    var history = History.in(folder);
    history.finish();
    @Nullable Set<String> listed =
        waiting == null ? null : SpoolList.addresses(Files.readString(waiting));
    var verdict = judge.judge().judge(history, listed);
    JudgeOptions.print(verdict);
    return verdict.isGood() ? 0 : Main.BAD;
  }
}
