package org.flywheelmta.message;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.ByteArrayOutputStream;
import java.util.SplittableRandom;
import org.flywheelmta.base.Limit;
import org.flywheelmta.base.MemoryAccount;
import org.flywheelmta.base.MemoryBudget;
import org.flywheelmta.sim.Seeds;
import org.junit.jupiter.api.Test;

/** Content as it is built: the octets in order, and every byte of capacity accounted for. */
final class ContentBuilderTest {
  private static final Content.Shape SHAPE = new Content.Shape(false, false, true);

  private final UnpooledByteBufAllocator allocator =
      new UnpooledByteBufAllocator(false, true, false);
  private final MemoryBudget budget = new MemoryBudget("memory_limit", 1 << 20);
  private final Limit listener = new Limit("listener_memory", Long.MAX_VALUE);
  private final MemoryAccount account = new MemoryAccount(listener, budget);

  private void checkNothingIsLeft() {
    assertThat(budget.taken()).isZero();
    assertThat(listener.taken()).isZero();
    assertThat(account.taken()).isZero();
    assertThat(allocator.metric().usedDirectMemory() + allocator.metric().usedHeapMemory())
        .isZero();
  }

  /** Appends a random run of a buffer of random size; returns whether there was room. */
  private boolean append(
      ContentBuilder builder, SplittableRandom random, ByteArrayOutputStream expected) {
    var octets = new byte[1 + random.nextInt(random.nextInt(4) == 0 ? 40_000 : 200)];
    random.nextBytes(octets);
    if (random.nextInt(4) == 0) {
      boolean room = builder.append(octets.clone());
      if (room) {
        expected.writeBytes(octets);
      }
      return room;
    }
    var source = allocator.directBuffer(octets.length).writeBytes(octets);
    int index = random.nextInt(octets.length);
    int length = random.nextInt(octets.length - index + 1);
    boolean room = builder.append(source, index, length);
    if (room) {
      expected.write(octets, index, length);
    }
    assertThat(source.readerIndex()).isZero();
    assertThat(source.writerIndex()).isEqualTo(octets.length);
    source.release();
    return room;
  }

  @Test
  void octetsComeOutAsTheyWentInAndMemoryIsCounted() {
    Seeds.upTo(400)
        .forEach(
            seed -> {
              var random = new SplittableRandom(seed);
              var replay = Seeds.replayCommand(ContentBuilderTest.class, seed);
              var builder = new ContentBuilder(allocator, account);
              var expected = new ByteArrayOutputStream();
              var actual = new ByteArrayOutputStream();
              boolean room = true;
              for (int i = random.nextInt(60); i > 0 && room; i--) {
                room = append(builder, random, expected);
                assertThat(budget.taken())
                    .as(replay)
                    .isGreaterThanOrEqualTo(allocator.metric().usedDirectMemory());
                if (room && random.nextInt(10) == 0) {
                  var part = builder.take();
                  read(part.bytes(), actual);
                  part.bytes().release();
                  account.release(part.pinnedBytes());
                }
              }
              if (room && random.nextBoolean()) {
                assertThat(builder.size()).as(replay).isEqualTo(expected.size());
                var content = builder.seal(SHAPE);
                account.pass(content.pinnedBytes());
                read(content.bytes(), actual);
                assertThat(content.release()).isTrue();
                assertThat(actual.toByteArray()).as(replay).isEqualTo(expected.toByteArray());
              }
              builder.discard();
              builder.discard();
              checkNothingIsLeft();
            });
  }

  private static void read(ByteBuf bytes, ByteArrayOutputStream target) {
    var octets = new byte[bytes.readableBytes()];
    bytes.duplicate().readBytes(octets);
    target.writeBytes(octets);
  }

  @Test
  void smallRunsDoNotPinLargeBuffers() {
    var builder = new ContentBuilder(allocator, account);
    var source = allocator.directBuffer(64 * 1024).writeZero(64 * 1024);
    builder.append(source, 0, 100);
    source.release();
    assertThat(allocator.metric().usedDirectMemory()).isLessThanOrEqualTo(budget.taken());
    assertThat(budget.taken()).isLessThan(10_000);
    builder.discard();
    checkNothingIsLeft();
  }

  @Test
  void emptyContentIsContent() {
    var content = new ContentBuilder(allocator, account).seal(SHAPE);
    assertThat(content.size()).isZero();
    assertThat(content.release()).isTrue();
    checkNothingIsLeft();
  }

  @Test
  void budgetWithoutRoomRefuses() {
    var small = new MemoryBudget("memory_limit", 5_000);
    var builder = new ContentBuilder(allocator, new MemoryAccount(listener, small));
    assertThat(builder.append(new byte[4_000])).isTrue();
    assertThat(builder.append(new byte[4_000])).isFalse();
    assertThat(builder.size()).isEqualTo(4_000);
    builder.discard();
    checkNothingIsLeft();
  }
}
