package org.flywheelmta.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** A command that runs the benchmarks of one class by JMH, with defaults that are short. */
abstract class MicroCommand implements Callable<Integer> {
  static final String USAGE =
      "Options of JMH follow after --, such as -- -f 3 -prof gc, or a pattern of what to run.";

  private static final int FORKS = 1;
  private static final int WARM_UPS = 3;
  private static final int MEASUREMENTS = 5;

  @Spec @Nullable CommandSpec spec;

  @Option(names = "--json", paramLabel = "FILE", description = "JMH's result as JSON.")
  @Nullable Path json;

  @Parameters(paramLabel = "JMH-OPTION", description = "Passed to JMH.")
  List<String> more = new ArrayList<>();

  /**
   * Runs them and prints what JMH prints.
   *
   * @param properties of the processes in which they run, as options of Java
   */
  final int run(Class<?> benchmark, List<String> properties) throws IOException {
    try {
      new Runner(options(benchmark, properties)).run();
      return 0;
    } catch (RunnerException e) {
      throw new IOException(String.valueOf(e.getMessage()), e);
    }
  }

  /** What JMH is told: the options that were given, and the defaults of others. */
  final Options options(Class<?> benchmark, List<String> properties) {
    var given = given();
    var all = new OptionsBuilder().parent(given).shouldFailOnError(true);
    if (given.getIncludes().isEmpty()) {
      all.include(Pattern.quote(benchmark.getName() + "."));
    }
    if (!given.getForkCount().hasValue()) {
      all.forks(FORKS);
    }
    if (!given.getWarmupIterations().hasValue()) {
      all.warmupIterations(WARM_UPS);
    }
    if (!given.getWarmupTime().hasValue()) {
      all.warmupTime(TimeValue.seconds(1));
    }
    if (!given.getMeasurementIterations().hasValue()) {
      all.measurementIterations(MEASUREMENTS);
    }
    if (!given.getMeasurementTime().hasValue()) {
      all.measurementTime(TimeValue.seconds(1));
    }
    var javaOptions = new ArrayList<>(properties);
    javaOptions.addAll(given.getJvmArgsAppend().orElse(List.of()));
    all.jvmArgsAppend(javaOptions.toArray(String[]::new));
    if (json != null) {
      all.resultFormat(ResultFormatType.JSON).result(json.toString());
    }
    return all.build();
  }

  private CommandLineOptions given() {
    try {
      return new CommandLineOptions(more.toArray(String[]::new));
    } catch (CommandLineOptionException e) {
      if (spec == null) {
        throw new IllegalArgumentException(e);
      }
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }
}
