package org.flywheelmta.config;

import java.nio.ByteBuffer;
import org.flywheelmta.base.Check;
import org.flywheelmta.base.ReadOnlyThreadSafe;

/**
 * A network of addresses that share their first bits (RFC 4632, RFC 4291). IPv4 is held in its
 * mapped form, so that a peer of a dual-stack socket matches the prefixes that operators write.
 *
 * @param high the first 64 bits, zero beyond the prefix
 * @param low the last 64 bits, zero beyond the prefix
 * @param bits length of the prefix in the mapped form, 0 to 128
 */
@ReadOnlyThreadSafe
public record Cidr(long high, long low, int bits) {
  private static final long MAPPED_LOW = 0x0000_ffff_0000_0000L;

  /** The network of {@code bits} (of 128) around an address of four or sixteen bytes. */
  static Cidr around(byte[] address, int bits) {
    Check.that(address.length == 4 || address.length == 16, "an address of a strange length");
    var buffer = ByteBuffer.wrap(Addresses.mapped(address));
    return new Cidr(buffer.getLong(), buffer.getLong(), bits).masked();
  }

  private Cidr masked() {
    return new Cidr(high & mask(bits), low & mask(bits - Long.SIZE), bits);
  }

  private static long mask(int bits) {
    return bits <= 0 ? 0 : bits >= Long.SIZE ? -1 : -1L << (Long.SIZE - bits);
  }

  /** The network that {@link #toString} gave. */
  static Cidr of(String printed) {
    var slash = printed.indexOf('/');
    var address = Addresses.parse(printed.substring(0, slash)).orElseThrow();
    var bits = Integer.parseInt(printed, slash + 1, printed.length(), 10);
    return around(address, address.length == 4 ? bits + Addresses.MAPPED_BITS : bits);
  }

  static Parsed<Cidr> parse(Value.Text text) {
    var word = text.text();
    var slash = word.indexOf('/');
    var address = Addresses.parse(slash < 0 ? word : word.substring(0, slash));
    if (address.isEmpty()) {
      return Types.bad(text, "is no network");
    }
    var size = address.get().length * Byte.SIZE;
    var bits = slash < 0 ? size : Numbers.whole(word.substring(slash + 1)).orElse(-1);
    if (bits < 0 || bits > size) {
      return Types.bad(text, "has a prefix that is not from 0 to " + size);
    }
    var host = around(address.get(), Addresses.BITS);
    var network = around(address.get(), (int) bits + Addresses.BITS - size);
    return network.high == host.high && network.low == host.low
        ? new Parsed.Good<>(network)
        : Types.bad(text, "has bits set beyond its prefix (did you mean \"" + network + "\"?)");
  }

  /**
   * Whether an address of four or sixteen bytes lies within. An IPv4 address, mapped or not, lies
   * in IPv4 networks alone.
   */
  public boolean contains(byte[] address) {
    var around = around(address, bits);
    return around.high == high
        && around.low == low
        && (bits >= Addresses.MAPPED_BITS || !isIpv4(address));
  }

  private static boolean isIpv4(byte[] address) {
    return address.length == 4 || Addresses.isMapped(address);
  }

  /** As an operator writes it, always with the length of the prefix. */
  @Override
  public String toString() {
    var address = ByteBuffer.allocate(16).putLong(high).putLong(low).array();
    var ipv4 = bits >= Addresses.MAPPED_BITS && high == 0 && low >>> 32 == MAPPED_LOW >>> 32;
    return Addresses.print(address) + "/" + (ipv4 ? bits - Addresses.MAPPED_BITS : bits);
  }
}
