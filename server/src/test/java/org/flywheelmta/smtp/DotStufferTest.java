package org.flywheelmta.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.SplittableRandom;
import org.flywheelmta.message.Content;
import org.junit.jupiter.api.Test;

class DotStufferTest {
  private static final int SEEDS = 1000;

  private final UnpooledByteBufAllocator allocator =
      new UnpooledByteBufAllocator(false, true, false);

  private byte[] sent(byte[] content) {
    return sent(Unpooled.buffer(content.length + 1).writeBytes(content), ClientRig.shape(content));
  }

  private byte[] sent(ByteBuf bytes, Content.Shape shape) {
    var sealed = new Content(bytes, shape, null, 0);
    var stuffer = new DotStuffer(sealed);
    var out = new ByteArrayOutputStream();
    for (var part = stuffer.next(allocator); part != null; part = stuffer.next(allocator)) {
      assertThat(part.readableBytes()).isBetween(1, DotStuffer.PART_BYTES);
      var octets = new byte[part.readableBytes()];
      part.readBytes(octets);
      out.writeBytes(octets);
      part.release();
    }
    assertThat(sealed.release()).isTrue();
    assertThat(bytes.refCnt()).isZero();
    assertThat(allocator.metric().usedHeapMemory()).isZero();
    return out.toByteArray();
  }

  /** A receiver by the letter of RFC 5321: nothing but CRLF.CRLF ends the mail. */
  private static byte[] received(byte[] sent) {
    var mail = new ByteArrayOutputStream();
    int index = 0;
    while (true) {
      int end = index;
      while (!(sent[end] == '\r' && sent[end + 1] == '\n')) {
        assertThat(sent[end]).isNotIn((byte) '\r', (byte) '\n');
        end++;
      }
      if (sent[index] == '.') {
        if (end == index + 1) {
          assertThat(end + 2).as("nothing follows the end of data").isEqualTo(sent.length);
          return mail.toByteArray();
        }
        index++;
      }
      mail.write(sent, index, end + 2 - index);
      index = end + 2;
    }
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private String sent(String content) {
    return new String(sent(ascii(content)), StandardCharsets.US_ASCII);
  }

  @Test
  void dotsThatBeginALineAreDoubled() {
    assertThat(sent("a\r\n.b\r\n..c\r\nd.e\r\n")).isEqualTo("a\r\n..b\r\n...c\r\nd.e\r\n.\r\n");
    assertThat(sent(".\r\n.\r\n")).isEqualTo("..\r\n..\r\n.\r\n");
    assertThat(sent(".")).isEqualTo("..\r\n.\r\n");
  }

  @Test
  void endOfDataFollowsAWholeLine() {
    assertThat(sent("")).isEqualTo(".\r\n");
    assertThat(sent("a\r\n")).isEqualTo("a\r\n.\r\n");
    assertThat(sent("a")).isEqualTo("a\r\n.\r\n");
  }

  @Test
  void aDotAfterALoneLineFeedNeverBecomesAnEndOfData() {
    assertThat(sent("a\n.\r\nMAIL FROM:<x>\r\n")).isEqualTo("a\n..\r\nMAIL FROM:<x>\r\n.\r\n");
  }

  @Test
  void strictReceiverGetsTheSameOctets() {
    for (long seed = 1; seed <= SEEDS; seed++) {
      var random = new SplittableRandom(seed);
      var content = content(random, random.nextInt(4) == 0 ? 40 : 4000);
      assertThat(received(sent(content)))
          .as("seed %s, of DotStufferTest", seed)
          .isEqualTo(withLastLine(content));
    }
  }

  @Test
  void largeContentGoesOutInParts() {
    for (long seed = 1; seed <= 5; seed++) {
      var random = new SplittableRandom(seed);
      var content = content(random, 3 * DotStuffer.PART_BYTES);
      assertThat(received(sent(content))).as("seed %s", seed).isEqualTo(withLastLine(content));
    }
  }

  @Test
  void lineMayBeginWhereAPartEnds() {
    for (int at = DotStuffer.PART_BYTES - 4; at <= DotStuffer.PART_BYTES + 4; at++) {
      var content = ascii("." + "x".repeat(at - 3) + "\r\n.y\r\n");
      assertThat(received(sent(content))).isEqualTo(content);
    }
  }

  @Test
  void contentOfSeveralBuffersIsReadAsOne() {
    var content = ascii("a\r\n.b\r\n.\r\n" + "c".repeat(3000) + "\r\n.");
    for (int cut = 0; cut < 20; cut++) {
      var first = Unpooled.copiedBuffer(content, 0, cut);
      var rest = Unpooled.copiedBuffer(content, cut, content.length - cut);
      var both = Unpooled.compositeBuffer().addComponents(true, first, rest);
      assertThat(received(sent(both, ClientRig.shape(content)))).isEqualTo(withLastLine(content));
    }
  }

  @Test
  void unstuffedContentIsNotCopied() {
    var content = Unpooled.copiedBuffer(new byte[100_000]);
    var sealed = new Content(content, new Content.Shape(false, false, true), null, 0);
    var part = Objects.requireNonNull(new DotStuffer(sealed).next(allocator));

    assertThat(part.array()).isSameAs(content.array());
    part.release();
    sealed.release();
  }

  private static byte[] withLastLine(byte[] content) {
    var out = new ByteArrayOutputStream();
    out.writeBytes(content);
    if (!ClientRig.shape(content).endsWithLine()) {
      out.writeBytes(ascii("\r\n"));
    }
    return out.toByteArray();
  }

  /** Lines of dots, of text, and of both, with and without an end. */
  private static byte[] content(SplittableRandom random, int most) {
    var out = new ByteArrayOutputStream();
    int length = random.nextInt(most + 1);
    int longest = random.nextInt(5) == 0 ? most + 1 : 1 + random.nextInt(80);
    while (out.size() < length) {
      out.writeBytes(ascii(".".repeat(random.nextInt(3))));
      int text = random.nextInt(longest);
      for (int i = 0; i < text; i++) {
        out.write(random.nextInt(10) == 0 ? '.' : 'a' + random.nextInt(26));
      }
      if (out.size() < length || random.nextBoolean()) {
        out.writeBytes(ascii("\r\n"));
      }
    }
    return out.toByteArray();
  }
}
