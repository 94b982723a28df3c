package org.flywheelmta.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.flywheelmta.base.Check;
import org.flywheelmta.disk.DiskFailure;
import org.flywheelmta.disk.SimDisk;
import org.flywheelmta.scheduler.Duty;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a crash takes away, and what the peers of a crashed machine see. */
@Timeout(60)
class CrashTest {
  private static final long SECOND = 1_000_000_000L;
  private static final Path FOLDER = Path.of("/volume");
  private static final Path FILE = FOLDER.resolve("log");
  private static final InetSocketAddress SERVER =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 2525);
  private static final int RECORDS = 10;

  /** A worker that forces one record a second and counts those that it has acknowledged. */
  private static int acknowledgedBeforeCut(SimDisk disk, long cutAt) {
    var world = new SimWorld(cutAt, CrashTest.class);
    var machine = world.machine("m");
    machine.attach(disk);
    var acknowledged = new ArrayList<Integer>();
    machine.worker(
        "commit",
        now -> {
          int number = acknowledged.size();
          if (number == RECORDS) {
            return Duty.UNTIL_WOKEN;
          }
          try (var file =
              number == 0 && !disk.exists(FILE) ? disk.create(FILE) : disk.openWrite(FILE)) {
            file.write(ByteBuffer.wrap(new byte[] {(byte) (number + 1)}), number);
            file.force();
            disk.forceFolder(FOLDER);
          } catch (DiskFailure failure) {
            throw Check.bug("an unplanned failure of the disk");
          }
          acknowledged.add(number);
          return SECOND;
        });
    disk.cutPowerAt(cutAt);
    world.run(20 * SECOND);
    assertThat(machine.up()).isEqualTo(!disk.isOff());
    return acknowledged.size();
  }

  @ParameterizedTest
  @EnumSource(SimDisk.CrashMode.class)
  void powerCutAtAnyOperationKeepsWhatWasAcknowledged(SimDisk.CrashMode mode) throws Exception {
    int cuts = 0;
    for (long cutAt = 1; cuts == cutAt - 1; cutAt++) {
      var disk = new SimDisk();
      disk.createFolder(FOLDER);
      int acknowledged = acknowledgedBeforeCut(disk, cutAt + disk.operations());
      if (!disk.isOff()) {
        assertThat(acknowledged).isEqualTo(RECORDS);
        continue;
      }
      cuts++;
      disk.crash(mode, new SplittableRandom(cutAt));
      for (int i = 0; i < acknowledged; i++) {
        assertThat(disk.bytes(FILE)[i])
            .as("record %d, cut at %d", i, cutAt)
            .isEqualTo((byte) (i + 1));
      }
    }
    assertThat(cuts).isGreaterThan(3 * RECORDS);
  }

  private static List<String> storiesOfACrash(SimWorld world, Runnable crash) {
    var machine = world.machine("server");
    var outside = world.machine("outside");
    var client = outside.schedulers("client", 1).getFirst();
    var stories = new ArrayList<String>();
    LineServer.start(
        machine.network(),
        machine.schedulers("events", 2),
        SERVER,
        bound -> LineClient.start(outside.network(), client, bound, "one\r\n", stories::add));
    world.run(10 * SECOND);
    assertThat(stories).isEmpty();
    crash.run();
    world.run(600 * SECOND);
    return stories;
  }

  @Test
  void kernelOfAKilledProcessClosesItsConnections() {
    var world = new SimWorld(1, CrashTest.class);
    var stories = storiesOfACrash(world, () -> world.life("server").kill());
    assertThat(stories).hasSize(1);
    assertThat(stories.getFirst()).endsWith("inactive\n5 hello\r\n3 one\r\n");
  }

  @Test
  void peersOfAMachineWithoutPowerHearNothing() {
    var world = new SimWorld(1, CrashTest.class);
    var stories = storiesOfACrash(world, () -> world.life("server").cutPower());
    assertThat(stories).isEmpty();
  }

  @Test
  void nextLifeListensAtTheSameAddressAndDrawsOtherNumbers() {
    var world = new SimWorld(1, CrashTest.class);
    var first = world.machine("server");
    long number = first.randomness().generator("ids").nextLong();
    long secret = first.randomness().secret();
    first.cutPower();
    var second = world.machine("server");
    assertThat(second.randomness().generator("ids").nextLong()).isNotEqualTo(number);
    assertThat(second.randomness().secret()).isNotEqualTo(secret);
    var bound = new ArrayList<InetSocketAddress>();
    LineServer.start(second.network(), second.schedulers("events", 1), SERVER, bound::add);
    world.run(SECOND);
    assertThat(bound).containsExactly(SERVER);
  }

  @Test
  void machineCountsTheBuffersThatItHolds() {
    var world = new SimWorld(1, CrashTest.class);
    var machine = world.machine("m");
    var buffer = machine.allocator().buffer(100);
    assertThat(machine.bytesHeld()).isEqualTo(100);
    buffer.release();
    assertThat(machine.bytesHeld()).isZero();
  }
}
