package org.flywheelmta.bench;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The command {@code flywheel bench latency}. */
@Command(
    name = "latency",
    description = {
      "How long an acknowledgement and a delivery take, at shares of what the server carries.",
      "A closed loop shows the capacity of the first peer, by default Flywheel; then mails with one",
      "recipient arrive by the clock, whatever the server does, at each peer in its turn: Flywheel and",
      "the bare loop. End of data is the moment before the write that carries its last octet.",
      "Beside each stage: writes and forces of the same size on the same file system, while nothing",
      "else runs, half of them before and half after it, paced like the mails where the disk keeps up."
    },
    mixinStandardHelpOptions = true)
final class LatencyCommand implements Callable<Integer> {
  @Spec @Nullable CommandSpec spec;
  @Mixin PeerOptions peers = new PeerOptions();
  @Mixin ResultOptions result = new ResultOptions();

  @Option(
      names = "--stage-time",
      paramLabel = "TIME",
      defaultValue = "20s",
      description = "How long the capacity is measured, and how long mails arrive in each stage.")
  Duration stageTime = Duration.ZERO;

  @Option(
      names = "--shares",
      paramLabel = "PERCENT",
      split = ",",
      defaultValue = "25,50,80",
      description = "Of the capacity, one stage for each.")
  List<Double> shares = new ArrayList<>();

  @Option(
      names = "--sessions",
      paramLabel = "N",
      defaultValue = "20",
      description = "Connections kept open.")
  int sessions;

  @Option(
      names = "--size",
      paramLabel = "BYTES",
      defaultValue = "10240",
      description = "Of the body of each mail, and of each raw force.")
  int size;

  @Option(
      names = "--warm-up",
      paramLabel = "N",
      defaultValue = "30000",
      description = "Mails to each peer before anything is measured.")
  long warmUp;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "The same one gives the same arrivals and mails.")
  long seed;

  @Override
  public Integer call() throws IOException, InterruptedException {
    var plan = new LatencyPlan(stageTime, List.copyOf(shares), sessions, size, warmUp, seed);
    if (!plan.makesSense()) {
      throw Usage.error(
          "--stage-time, --shares, --sessions, --size or --warm-up makes no sense", spec);
    }
    var date = Instant.now();
    var present = peers.prepared(List.of(new BarePeer()), spec);
    try (var site = Site.open(result.workFolder);
        var run = LatencyRun.start(plan, site, present)) {
      var capacity = run.capacity();
      System.out.println(capacity.line());
      var stages = run.stages(capacity);
      report(date, present, plan, capacity, stages);
      return stages.stream().allMatch(LatencyStage::isGood) ? 0 : Main.BAD;
    }
  }

  private void report(
      Instant date,
      List<Peer> present,
      LatencyPlan plan,
      Capacity capacity,
      List<LatencyStage> stages)
      throws IOException, InterruptedException {
    if (result.json == null) {
      return;
    }
    var versions = PeerOptions.versions(present);
    try (var report = JsonReport.begin(result.json, "latency", date, Machine.own(), versions)) {
      var json = report.json();
      json.writeNumberProperty("sessions", plan.sessions());
      json.writeNumberProperty("size", plan.size());
      json.writeNumberProperty("seed", plan.seed());
      json.writeNumberProperty("stage_nanos", plan.stageTime().toNanos());
      json.writeNumberProperty("capacity_per_second", capacity.perSecond());
      json.writeNumberProperty("capacity_acknowledged_per_second", capacity.acknowledged());
      json.writeNumberProperty("capacity_delivered_per_second", capacity.delivered());
      json.writeArrayPropertyStart("stages");
      stages.forEach(stage -> stage.write(json));
      json.writeEndArray();
    }
  }
}
