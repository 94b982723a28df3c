package org.flywheelmta.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.flywheelmta.disk.SimDisk.CrashMode;
import org.flywheelmta.disk.SimDisk.Operation;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The simulated disk forgets exactly what was not forced. */
class SimDiskTest extends DiskContractTest {
  private static final Path FOLDER = Path.of("/sim");
  private static final int CAPACITY = 4 << 20;
  private static final Path FILE = FOLDER.resolve("file");
  private final SimDisk disk = new SimDisk(CAPACITY);
  private final SplittableRandom random = new SplittableRandom(1);

  @BeforeEach
  void makeFolder() throws DiskFailure {
    disk.createFolder(FOLDER);
  }

  @Override
  Disk disk() {
    return disk;
  }

  @Override
  Path folder() {
    return FOLDER;
  }

  private static ByteBuffer filled(int count, int with) {
    var bytes = new byte[count];
    java.util.Arrays.fill(bytes, (byte) with);
    return ByteBuffer.wrap(bytes);
  }

  private DiskFile durable(int count, int with) throws DiskFailure {
    var file = disk.create(FILE);
    file.write(filled(count, with), 0);
    file.force();
    disk.forceFolder(FOLDER);
    return file;
  }

  @Test
  void unforcedBytesAreDroppedKeptOrTorn() throws DiskFailure {
    durable(16_384, 1).write(filled(16_384, 2), 0);
    var kept = disk.copy();
    var torn = disk.copy();
    disk.crash(CrashMode.DROPPED, random);
    assertThat(disk.bytes(FILE)).containsOnly(1);
    kept.crash(CrashMode.KEPT, random);
    assertThat(kept.bytes(FILE)).containsOnly(2);
    torn.crash(CrashMode.TORN, random);
    assertThat(torn.bytes(FILE)).containsOnly(1, 2);
    assertThat(torn.bytes(FILE)).contains(1).contains(2);
  }

  @Test
  void tornBlockTakesForcedBytesWithIt() throws DiskFailure {
    var file = durable(3 * 4096, 1);
    file.write(filled(64, 2), 4096);
    disk.tearBlocks(true);
    int lost = 0;
    for (int i = 0; i < 30; i++) {
      var torn = disk.copy();
      torn.crash(CrashMode.TORN, random);
      var bytes = torn.bytes(FILE);
      assertThat(java.util.Arrays.copyOf(bytes, 4096)).containsOnly(1);
      assertThat(java.util.Arrays.copyOfRange(bytes, 8192, 12_288)).containsOnly(1);
      lost += bytes[8191] == 1 ? 0 : 1;
    }
    assertThat(lost).isBetween(5, 20);
  }

  @Test
  void forcedFileWithoutForcedNameIsLost() throws DiskFailure {
    var file = disk.create(FILE);
    file.write(filled(10, 1), 0);
    file.force();
    disk.crash(CrashMode.DROPPED, random);
    assertThat(disk.files()).isEmpty();
  }

  @Test
  void powerIsOffFromTheChosenOperationOn() throws DiskFailure {
    var file = durable(100, 1);
    disk.cutPowerAt(disk.operations() + 1);
    assertThatThrownBy(() -> file.write(filled(100, 2), 0)).isInstanceOf(SimDisk.PowerCut.class);
    assertThatThrownBy(file::force).isInstanceOf(SimDisk.PowerCut.class);
    disk.crash(CrashMode.KEPT, random);
    assertThat(disk.bytes(FILE)).containsOnly(2);
    assertThatThrownBy(file::force).isInstanceOf(SimDisk.PowerCut.class);
    disk.openRead(FILE).close();
  }

  @Test
  void failedForceMakesNothingDurableEver() throws DiskFailure {
    var file = durable(100, 1);
    file.write(filled(100, 2), 0);
    disk.faults((op, number, path) -> op == Operation.FORCE ? DiskFailure.Kind.IO : null);
    assertThatThrownBy(file::force).isInstanceOf(DiskFailure.class);
    disk.noFaults();
    file.force();
    disk.crash(CrashMode.KEPT, random);
    assertThat(disk.bytes(FILE)).containsOnly(1);
  }

  @Test
  void diskThatLiesForgetsWhatItSaidItForced() throws DiskFailure {
    var file = durable(100, 1);
    disk.ignoreForce(true);
    file.write(filled(100, 2), 0);
    file.force();
    disk.crash(CrashMode.DROPPED, random);
    assertThat(disk.bytes(FILE)).containsOnly(1);
  }

  @Test
  void fullDiskRefusesToGrow() throws DiskFailure {
    var file = durable(CAPACITY, 1);
    file.write(filled(100, 2), 0);
    assertThatThrownBy(() -> file.write(filled(1, 2), CAPACITY))
        .isInstanceOf(DiskFailure.class)
        .hasMessageContaining("no space is left");
    assertThat(disk.freeBytes(FOLDER)).isZero();
  }

  @Test
  void killedProcessLosesItsLocksAndNoBytes() throws DiskFailure {
    durable(10, 1).write(filled(10, 2), 0);
    var lock = disk.lock(FOLDER);
    disk.killProcess();
    assertThat(disk.bytes(FILE)).containsOnly(2);
    disk.lock(FOLDER);
    lock.close();
    assertThatThrownBy(() -> disk.lock(FOLDER)).isInstanceOf(DiskFailure.class);
  }
}
