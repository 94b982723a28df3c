package org.flywheelmta.dns;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.buffer.UnpooledHeapByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.DatagramPacket;
import io.netty.handler.codec.dns.DatagramDnsResponse;
import io.netty.handler.codec.dns.DatagramDnsResponseDecoder;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Messages from a seed: random ones, and good ones that were cut and changed. What is sound can be
 * decoded and read, and nothing takes longer than its length allows.
 */
@Timeout(120)
final class ReplyFuzzTest {
  private static final long SEED = Long.getLong("flywheel.seed", 1);
  private static final int INPUTS = 50_000;
  private static final int READS_PER_OCTET = 64;
  private static final int HEADER = 12;
  private static final List<RecordType> TYPES = List.of(RecordType.values());
  private static final InetSocketAddress ADDRESS =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), DnsOptions.PORT);

  private final EmbeddedChannel decoder = new EmbeddedChannel(new DatagramDnsResponseDecoder());

  @AfterEach
  void close() {
    decoder.finishAndReleaseAll();
  }

  /** Counts how often octets are looked at. */
  private static final class Counted extends UnpooledHeapByteBuf {
    private long reads;

    Counted(byte[] octets) {
      super(UnpooledByteBufAllocator.DEFAULT, octets, Integer.MAX_VALUE);
    }

    @Override
    protected byte _getByte(int index) {
      reads++;
      return super._getByte(index);
    }

    @Override
    protected short _getShort(int index) {
      reads++;
      return super._getShort(index);
    }
  }

  private static byte[] exchanger(int preference, byte[] host) {
    return WireMessage.joined(new byte[] {0, (byte) preference}, host);
  }

  /** Good messages of every type. */
  private static List<byte[]> good() {
    var self = WireMessage.pointer();
    var host = WireMessage.joined(new byte[] {2, 'm', 'x'}, self);
    return List.of(
        WireMessage.about("a.test", RecordType.A)
            .record(1, self, 5, 60, host)
            .record(1, host, 1, 60, new byte[] {1, 2, 3, 4})
            .record(3, new byte[1], 41, 0, new byte[0])
            .octets(),
        WireMessage.about("b.test", RecordType.AAAA).record(1, self, 28, 60, new byte[16]).octets(),
        WireMessage.about("c.test", RecordType.MX)
            .record(1, self, 15, 60, exchanger(10, host))
            .record(1, self, 15, 60, exchanger(20, WireMessage.name("other.example")))
            .record(2, self, 2, 60, host)
            .octets(),
        WireMessage.about("d.test", RecordType.TXT)
            .record(1, self, 16, 60, new byte[] {3, 'a', 'b', 'c', 1, 'd'})
            .octets(),
        WireMessage.about("e.test", RecordType.A)
            .record(
                2, self, 6, 60, WireMessage.joined(WireMessage.joined(self, self), new byte[20]))
            .octets());
  }

  private static byte[] changed(byte[] message, SplittableRandom random) {
    var changed = message.clone();
    for (int i = random.nextInt(4); i > 0; i--) {
      int at = random.nextInt(changed.length);
      switch (random.nextInt(4)) {
        case 0 -> changed[at] = (byte) random.nextInt(256);
        case 1 -> changed[at] = (byte) (0xc0 | random.nextInt(2));
        case 2 -> changed[at] ^= (byte) (1 << random.nextInt(8));
        default -> changed[at] = (byte) random.nextInt(64);
      }
    }
    return random.nextInt(3) > 0
        ? changed
        : Arrays.copyOf(changed, random.nextInt(changed.length + 3));
  }

  private static byte[] random(SplittableRandom random) {
    var octets = new byte[random.nextInt(600)];
    random.nextBytes(octets);
    if (octets.length > HEADER && random.nextBoolean()) {
      octets[2] |= (byte) 0x80;
      octets[4] = 0;
      octets[5] = 1;
    }
    return octets;
  }

  /** What is read of a message; null when it is not sound. */
  private @Nullable Reply read(byte[] octets, Question question) {
    var message = new Counted(octets);
    try {
      boolean sound =
          Soundness.isTruncated(message)
              ? Soundness.cutToQuestion(message)
              : Soundness.isSound(message);
      assertThat(message.reads).isLessThan((long) READS_PER_OCTET * (octets.length + 1));
      return sound ? decoded(message, question) : null;
    } finally {
      message.release();
    }
  }

  private Reply decoded(ByteBuf message, Question question) {
    assertThat(decoder.writeInbound(new DatagramPacket(message.retain(), ADDRESS, ADDRESS)))
        .isTrue();
    DatagramDnsResponse response = decoder.readInbound();
    try {
      return ReplyReader.read(response, question);
    } finally {
      response.release();
    }
  }

  private static void isPlausible(Reply reply) {
    if (!(reply instanceof Reply.Told told)) {
      return;
    }
    assertThat(told.answers()).hasSizeLessThanOrEqualTo(2 * ReplyReader.MOST_RECORDS);
    for (var resource : told.answers()) {
      assertThat(resource.ttlSeconds()).isBetween(0L, (long) Integer.MAX_VALUE);
      var name =
          switch (resource) {
            case Reply.Alias(_, _, var target) -> target;
            case Reply.Said(_, _, Rdata.Exchanger(_, var host)) -> host;
            case Reply.Said said -> said.owner();
          };
      assertThat(name.isEmpty() || Names.canBeAsked(name)).as(name).isTrue();
    }
  }

  @Test
  void changedMessagesAreReadOrRefused() {
    var random = new SplittableRandom(SEED);
    var messages = good();
    int sound = 0;
    int told = 0;
    for (int i = 0; i < INPUTS; i++) {
      int which = random.nextInt(messages.size());
      var octets = random.nextInt(10) == 0 ? random(random) : changed(messages.get(which), random);
      var type = TYPES.get(random.nextInt(TYPES.size()));
      Reply reply;
      try {
        reply = read(octets, new Question("a.test", type));
      } catch (RuntimeException | AssertionError failed) {
        throw new AssertionError(
            "input " + i + " of -Dflywheel.seed=" + SEED + ": " + Arrays.toString(octets), failed);
      }
      if (reply != null) {
        isPlausible(reply);
        sound++;
        told += reply instanceof Reply.Told ? 1 : 0;
      }
    }
    assertThat(sound).as("sound ones").isBetween(INPUTS / 10, INPUTS - INPUTS / 10);
    assertThat(told).as("ones that say something").isGreaterThan(INPUTS / 20);
  }

  @Test
  void goodMessagesAreSound() {
    for (var message : good()) {
      assertThat(read(message, new Question("a.test", RecordType.MX))).isNotNull();
    }
  }

  @Test
  void everyBeginningOfAMessageIsRefused() {
    for (var message : good()) {
      for (int length = 0; length < message.length; length++) {
        assertThat(read(Arrays.copyOf(message, length), new Question("a.test", RecordType.A)))
            .isNull();
      }
    }
  }

  @Test
  void namesThatPointInCirclesOrTooFarAreRefused() {
    var question = new Question("a.test", RecordType.A);
    int first = WireMessage.about("a.test", RecordType.A).octets().length;
    // To itself, and forward.
    for (int target : new int[] {first, first + 1, first + 20}) {
      var owner = new byte[] {(byte) (0xc0 | (target >> 8)), (byte) target};
      var message =
          WireMessage.about("a.test", RecordType.A).record(1, owner, 1, 60, new byte[4]).octets();
      assertThat(read(message, question)).isNull();
    }
  }

  @Test
  void longChainsOfPointersAreRefusedAtOnce() {
    // Pointers that each lead to the one before, then records whose names begin at the last.
    int first = WireMessage.about("a.test", RecordType.A).octets().length + 11;
    var chain = new byte[8_000];
    for (int i = 0; i < chain.length; i += 2) {
      int target = i == 0 ? HEADER : first + i - 2;
      chain[i] = (byte) (0xc0 | (target >> 8));
      chain[i + 1] = (byte) target;
    }
    int last = first + chain.length - 2;
    var message = WireMessage.about("a.test", RecordType.A).record(1, new byte[1], 99, 60, chain);
    for (int i = 0; i < 3_000; i++) {
      message.record(
          1, new byte[] {(byte) (0xc0 | (last >> 8)), (byte) last}, 1, 60, new byte[] {1, 2, 3, 4});
    }
    assertThat(read(message.octets(), new Question("a.test", RecordType.A))).isNull();
  }

  @Test
  void firstDataOfALargeAnswerCount() {
    var message = WireMessage.about("a.test", RecordType.A);
    var expected = new ArrayList<Reply.Resource>();
    for (int i = 0; i < 300; i++) {
      message.record(1, WireMessage.pointer(), 1, 60, new byte[] {1, 2, (byte) (i >> 8), (byte) i});
    }
    var reply = read(message.octets(), new Question("a.test", RecordType.A));
    assertThat(reply).isInstanceOf(Reply.Told.class);
    expected.addAll(((Reply.Told) Objects.requireNonNull(reply)).answers());
    assertThat(expected).hasSize(ReplyReader.MOST_RECORDS);
  }

  @Test
  void longestNameIsReadAndALongerOneRefused() {
    var label = "x".repeat(49);
    var name = String.join(".", label, label, label, label, "x".repeat(53));
    assertThat(name).hasSize(Names.MOST_CHARACTERS);
    var question = new Question("a.test", RecordType.MX);
    for (var host : List.of(name, "y" + name)) {
      var message =
          WireMessage.about("a.test", RecordType.MX)
              .record(1, WireMessage.pointer(), 15, 60, exchanger(1, WireMessage.name(host)))
              .octets();
      var reply = read(message, question);
      if (host.length() > Names.MOST_CHARACTERS) {
        assertThat(reply).isNull();
      } else {
        assertThat(reply)
            .isEqualTo(
                new Reply.Told(
                    true,
                    List.of(new Reply.Said("a.test", 60, new Rdata.Exchanger(1, host))),
                    Reply.NO_SOA));
      }
    }
  }
}
