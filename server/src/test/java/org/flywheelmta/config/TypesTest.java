package org.flywheelmta.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What may be written for each type, and how it is written back. */
final class TypesTest {
  private static final Type<Long> DURATION = Types.duration(TimeUnit.SECONDS);

  @ParameterizedTest
  @CsvSource({
    "20m, 1200000000000, 20m",
    "1h30m, 5400000000000, 1h30m",
    "90m, 5400000000000, 1h30m",
    "10ms, 10000000, 10ms",
    "5, 5000000000, 5s",
    "0, 0, 0s",
    "0s, 0, 0s",
    "1D2H3M4S5MS6US7NS, 93784005006007, 1d2h3m4s5ms6us7ns",
    "106751d, 9223286400000000000, 106751d",
  })
  void durationsAreNanoseconds(String text, long nanos, String printed) {
    assertThat(parse(DURATION, text)).isEqualTo(new Parsed.Good<>(nanos));
    assertThat(DURATION.print(nanos)).isEqualTo(printed);
  }

  @ParameterizedTest
  @CsvSource({
    "Example.com, example.com",
    "example.com., example.com",
    "B\u00fccher.example, xn--bcher-kva.example",
    "xn--bcher-kva.example, xn--bcher-kva.example",
  })
  void domainsHaveOneSpelling(String text, String domain) {
    assertThat(parse(Types.domain(), '"' + text + '"')).isEqualTo(new Parsed.Good<>(domain));
  }

  @Test
  void whatNoDomainCanBeIsRefused() {
    assertThat(parse(Types.domain(), "\"-\u00fc.example\"")).isInstanceOf(Parsed.Bad.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "m",
        "20 m",
        "1m1h",
        "1m1m",
        "1.5h",
        "20min",
        "-1m",
        "1h-1m",
        "1h30",
        "106752d",
        "106751d24h",
        "99999999999999999999s",
        "9223372037",
        "\u0663m",
        "+1"
      })
  void whatIsNoDurationIsRefused(String text) {
    assertThat(parse(DURATION, '"' + text + '"')).isInstanceOf(Parsed.Bad.class);
  }

  @ParameterizedTest
  @CsvSource({
    "10MB, 10485760, 10MB",
    "64KiB, 65536, 64KB",
    "512, 512, 512B",
    "1536b, 1536, 1536B",
    "1g, 1073741824, 1GB",
    "1024, 1024, 1KB",
    "2TB, 2199023255552, 2TB",
    "4096T, 4503599627370496, 4096TB",
    "0, 0, 0B",
  })
  void sizesCountInPowersOf1024(String text, long bytes, String printed) {
    assertThat(parse(Types.size(), text)).isEqualTo(new Parsed.Good<>(bytes));
    assertThat(Types.size().print(bytes)).isEqualTo(printed);
  }

  @ParameterizedTest
  @ValueSource(strings = {"MB", "1X", "1KX", "1KiBs", "-1", "8388608TB", "1 MB", "1.5MB", ""})
  void whatIsNoSizeIsRefused(String text) {
    assertThat(parse(Types.size(), '"' + text + '"')).isInstanceOf(Parsed.Bad.class);
  }

  @Test
  void switchesAreWrittenInManyWays() {
    for (var on : List.of("on", "TRUE", "Yes", "enabled", "1")) {
      assertThat(parse(Types.bool(), on)).isEqualTo(new Parsed.Good<>(true));
    }
    for (var off : List.of("Off", "false", "no", "DISABLED", "0")) {
      assertThat(parse(Types.bool(), off)).isEqualTo(new Parsed.Good<>(false));
    }
    assertThat(parse(Types.bool(), "2")).isInstanceOf(Parsed.Bad.class);
  }

  @ParameterizedTest
  @CsvSource({"600, 0600", "0600, 0600", "0, 0", "07777, 07777", "00644, 0644"})
  void modesAreOctal(String text, String printed) {
    var mode = Integer.parseInt(printed, 8);
    assertThat(parse(Types.mode(), text)).isEqualTo(new Parsed.Good<>(mode));
    assertThat(Types.mode().print(mode)).isEqualTo(printed);
  }

  @ParameterizedTest
  @ValueSource(strings = {"8", "10000", "0o600", "-1", "000644", ""})
  void whatIsNoModeIsRefused(String text) {
    assertThat(parse(Types.mode(), '"' + text + '"')).isInstanceOf(Parsed.Bad.class);
  }

  @ParameterizedTest
  @CsvSource({
    "relay.example.net:25, relay.example.net, 25",
    "localhost:1, localhost, 1",
    "my_host-1:65535, my_host-1, 65535",
    "1.example:25, 1.example, 25",
    "192.0.2.1:2525, 192.0.2.1, 2525",
    "[2001:db8::1]:25, 2001:db8::1, 25",
    "[::ffff:192.0.2.1]:25, ::ffff:192.0.2.1, 25",
  })
  void hostsHavePorts(String text, String host, int port) {
    assertThat(HostPort.parse(text)).contains(new HostPort(host, port));
    assertThat(new HostPort(host, port)).hasToString(text);
    assertThat(parse(Types.hostPort(), Types.hostPort().print(new HostPort(host, port))))
        .isEqualTo(new Parsed.Good<>(new HostPort(host, port)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ":",
        ":25",
        "a:",
        "a",
        "a:0",
        "a:65536",
        "a:-1",
        "a:x",
        "2001:db8::1:25",
        "[::1]",
        "[::1]:",
        "[a]:25",
        "[1.2.3.4]:25",
        "1.2.3:25",
        "1.2.3.256:25",
        "1.2.3.04:25",
        "a..b:25",
        ".a:25",
        "a b:25",
        "\u00e9:25",
        "[::1%lo]:25",
        "123:25",
        "[]:25",
        "1.2.3.4.:25"
      })
  void whatIsNoHostWithAPortIsRefused(String text) {
    assertThat(HostPort.parse(text)).isEmpty();
  }

  @Test
  void hostsKnowWhetherTheyAreAddresses() {
    assertThat(new HostPort("::1", 25).isAddress()).isTrue();
    assertThat(new HostPort("192.0.2.1", 25).isAddress()).isTrue();
    assertThat(new HostPort("a.example", 25).isAddress()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "192.0.2.0/24, 192.0.2.0/24, 192.0.2.255, 192.0.3.0",
    "192.0.2.1, 192.0.2.1/32, 192.0.2.1, 192.0.2.2",
    "0.0.0.0/0, 0.0.0.0/0, 255.255.255.255, 2001:db8::1",
    "2001:db8::/32, 2001:db8::/32, 2001:db8:ffff::1, 2001:db9::1",
    "::1, ::1/128, ::1, ::2",
    "::/0, ::/0, ::1, 1.2.3.4",
    "::ffff:10.0.0.0/104, 10.0.0.0/8, 10.1.2.3, 11.0.0.0",
    "2001:DB8::8000/113, 2001:db8::8000/113, 2001:db8::ffff, 2001:db8::7fff",
    "fe80::/10, fe80::/10, febf::1, fec0::1",
  })
  void networksHoldAddresses(String text, String printed, String inside, String outside) {
    var network = Cidr.of(printed);
    assertThat(parse(Types.cidr(), text)).isEqualTo(new Parsed.Good<>(network));
    assertThat(network).hasToString(printed);
    assertThat(network.contains(Addresses.parse(inside).orElseThrow())).isTrue();
    assertThat(network.contains(Addresses.mapped(Addresses.parse(inside).orElseThrow()))).isTrue();
    assertThat(network.contains(Addresses.parse(outside).orElseThrow())).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/",
        "1.2.3/24",
        "1.2.3.4/33",
        "::/129",
        "1.2.3.4/-1",
        "1.2.3.4/",
        "1.2.3.4/8/8",
        "x",
        "10.0.0.1/8",
        "::1/64",
        "1.2.3.4/ 8",
        "01.2.3.4",
        "::1%lo",
        "[::1]",
        "1::2::3",
        "::1.2.3.04"
      })
  void whatIsNoNetworkIsRefused(String text) {
    assertThat(parse(Types.cidr(), '"' + text + '"')).isInstanceOf(Parsed.Bad.class);
  }

  @Test
  void choicesMayHaveSeveralNames() {
    var names = new LinkedHashMap<String, Integer>();
    names.put("none", 0);
    names.put("off", 0);
    names.put("all", 2);
    var type = Types.choice(names);

    assertThat(parse(type, "OFF")).isEqualTo(new Parsed.Good<>(0));
    assertThat(type.print(0)).isEqualTo("none");
    assertThat(type.takes()).isEqualTo("one of none, off, all, such as none");
  }

  @Test
  void oneValueIsAListOfOne() {
    assertThat(parse(Types.list(Types.int64(0, 9)), "3")).isEqualTo(new Parsed.Good<>(List.of(3L)));
    assertThat(parse(Types.list(Types.int64(0, 9)), "( 3 10 )")).isInstanceOf(Parsed.Bad.class);
  }

  @Test
  void whatIsPrintedIsReadAsTheSame() {
    var seed = Seed.of("TypesTest");
    var random = new SplittableRandom(seed.number());
    for (int i = 0; i < 2_000; i++) {
      stable(seed, Types.string(), word(random));
      stable(seed, DURATION, random.nextLong() >>> random.nextInt(1, 64));
      stable(seed, Types.size(), random.nextLong() >>> random.nextInt(1, 64));
      stable(seed, Types.int64(Long.MIN_VALUE, Long.MAX_VALUE), random.nextLong());
      stable(seed, Types.mode(), random.nextInt(010000));
      var address = new byte[random.nextBoolean() ? 4 : 16];
      random.nextBytes(address);
      var network =
          Cidr.around(address, address.length == 4 ? random.nextInt(96, 129) : random.nextInt(129));
      stable(seed, Types.cidr(), network);
      stable(seed, Types.list(Types.string()), List.of(word(random), word(random)));
      var entries = new LinkedHashMap<String, String>();
      entries.put(word(random), word(random));
      entries.put(word(random), word(random));
      stable(seed, Types.dictionary(Types.string()), entries);
    }
  }

  private static <T> void stable(Seed seed, Type<T> type, T value) {
    var printed = type.print(value);
    assertThat(parse(type, printed)).as(seed::replay).isEqualTo(new Parsed.Good<>(value));
  }

  /** A text of what is hard to write: blanks, quotes, backslashes, punctuation. */
  private static String word(SplittableRandom random) {
    var alphabet = "ab1 \t\n\r\"'\\/*#=(){}[],;\u00e9\u4e16.-";
    var word = new StringBuilder();
    for (int i = random.nextInt(8); i > 0; i--) {
      word.append(alphabet.charAt(random.nextInt(alphabet.length())));
    }
    return word.toString();
  }

  private static <T> Parsed<T> parse(Type<T> type, String text) {
    var value = Objects.requireNonNull(Parser.value(text), text);
    return type.parse(value);
  }
}
