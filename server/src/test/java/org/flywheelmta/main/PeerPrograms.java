package org.flywheelmta.main;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Mail software that others wrote, run as processes whose output goes to a folder. */
public record PeerPrograms(Path folder) {
  public static final long LIMIT_SECONDS = 60;

  /** Starts a program; where it is called from does not change what it is called. */
  public Process start(String program, List<String> arguments) throws IOException {
    var command = new ArrayList<>(List.of(program));
    command.addAll(arguments);
    var output = folder.resolve(program + ".out").toFile();
    var builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output);
    builder.environment().merge("PATH", "/usr/sbin:/usr/bin", (path, more) -> path + ":" + more);
    return builder.start();
  }

  /** Runs a program that reads {@code input} to its good end. */
  public void run(String program, List<String> arguments, byte[] input) throws IOException {
    var process = start(program, arguments);
    try (var stdin = process.getOutputStream()) {
      stdin.write(input);
    }
    process.onExit().orTimeout(LIMIT_SECONDS, TimeUnit.SECONDS).join();
    assertThat(process.exitValue()).as(program + ": " + output(program)).isZero();
  }

  /**
   * Runs a program to whatever end it comes, and tells with what status; it need not read all of
   * {@code input}.
   */
  public int status(String program, List<String> arguments, String input) throws IOException {
    var process = start(program, arguments);
    try (var stdin = process.getOutputStream()) {
      stdin.write(input.getBytes(StandardCharsets.ISO_8859_1));
    } catch (IOException gone) {
      // It has ended without reading it; its status says why.
    }
    process.onExit().orTimeout(LIMIT_SECONDS, TimeUnit.SECONDS).join();
    return process.exitValue();
  }

  /** Ends a program that was started. */
  public static void stop(Process process) {
    process.destroy();
    process.onExit().orTimeout(LIMIT_SECONDS, TimeUnit.SECONDS).join();
  }

  /** What a program has printed. */
  public String output(String program) throws IOException {
    return Files.readString(folder.resolve(program + ".out"), StandardCharsets.ISO_8859_1);
  }

  /** Waits until something is so, looking at each change in a folder that is there. */
  public static void await(Path watched, BooleanSupplier so) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
    try (var watch = watched.getFileSystem().newWatchService()) {
      var _ =
          watched.register(
              watch, StandardWatchEventKinds.ENTRY_MODIFY, StandardWatchEventKinds.ENTRY_CREATE);
      while (!so.getAsBoolean()) {
        assertThat(System.nanoTime()).as("time to deliver").isLessThan(deadline);
        var key = watch.poll(1, TimeUnit.SECONDS);
        if (key != null) {
          key.pollEvents();
          key.reset();
        }
      }
    }
  }

  /** The lines of an event log that tell events of one type. */
  public static List<String> events(Path log, String type) {
    var events = new ArrayList<String>();
    try (var files = Files.newDirectoryStream(log, "events-*.jsonl")) {
      for (var file : files) {
        for (var line : Files.readString(file).split("\n", -1)) {
          if (line.contains("\"type\":\"" + type + "\"")) {
            events.add(line);
          }
        }
      }
    } catch (IOException unreadable) {
      throw new AssertionError(unreadable);
    }
    return events;
  }
}
