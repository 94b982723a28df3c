package org.flywheelmta.smtp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** What it takes to read command lines with parameters, and the data of a mail of 10 KiB. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ParseBenchmark {
  /** Of the data, without the dot at its end. */
  static final int DATA_OCTETS = 10_240;

  private static final int LINE_OCTETS = 78;
  private static final String LINE = "x".repeat(LINE_OCTETS) + "\r\n";
  private static final String HOSTNAME = "mx.example.net";
  private static final int MOST_OCTETS = 100 << 20;

  private final ByteBuf mail =
      direct("MAIL FROM:<sender-1234@news.example.net> SIZE=10240 BODY=8BITMIME RET=HDRS ENVID=q1");
  private final ByteBuf rcpt =
      direct("RCPT TO:<user-5678@example.com> NOTIFY=FAILURE ORCPT=rfc822;user-5678@example.com");
  private final ByteBuf data = direct(LINE.repeat(DATA_OCTETS / LINE.length()) + ".\r\n");
  private final Envelope envelope = new Envelope();
  private final Counting sink = new Counting();

  private static ByteBuf direct(String text) {
    var octets = text.getBytes(StandardCharsets.US_ASCII);
    return Unpooled.directBuffer(octets.length).writeBytes(octets);
  }

  /** Where content goes that is counted. */
  private static final class Counting implements DataReader.Sink {
    long octets;

    @Override
    public void content(ByteBuf input, int index, int length) {
      octets += length;
    }

    @Override
    public void lineBreak() {
      octets += 2;
    }
  }

  /** One MAIL with four parameters, from its line to the values. */
  @Benchmark
  public Object mail() {
    var parsed = new Envelope.Parsed();
    int end = mail.writerIndex();
    var verb = Verb.of(mail, 0, end);
    var refusal = envelope.readMail(mail, verb.length() + 1, end, MOST_OCTETS, false, parsed);
    return taken(refusal, parsed.address);
  }

  /** One RCPT with two parameters. */
  @Benchmark
  public Object rcpt() {
    var parsed = new Envelope.Parsed();
    int end = rcpt.writerIndex();
    var verb = Verb.of(rcpt, 0, end);
    var refusal = envelope.readRcpt(rcpt, verb.length() + 1, end, HOSTNAME, parsed);
    return taken(refusal, parsed.address);
  }

  private static Object taken(@Nullable Reply refusal, Object value) {
    if (refusal != null) {
      throw new IllegalStateException("a good command was refused");
    }
    return value;
  }

  /** The data of one mail, of lines of 78 octets. */
  @Benchmark
  public long data() {
    sink.octets = 0;
    data.readerIndex(0);
    if (!new DataReader(false).read(data, sink)) {
      throw new IllegalStateException("the end was not found");
    }
    return sink.octets;
  }

  /** The same, in octets of a second. */
  @Benchmark
  @BenchmarkMode(Mode.Throughput)
  @OutputTimeUnit(TimeUnit.SECONDS)
  @OperationsPerInvocation(DATA_OCTETS)
  public long dataOctets() {
    return data();
  }
}
