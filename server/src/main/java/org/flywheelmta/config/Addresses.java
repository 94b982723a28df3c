package org.flywheelmta.config;

import io.netty.util.NetUtil;
import java.util.Arrays;
import java.util.Optional;

/** IP addresses as text and as bytes; never asks a resolver. */
final class Addresses {
  static final int BITS = 128;

  /** Bits before the 32 of an IPv4 address in its mapped form (RFC 4291 2.5.5.2). */
  static final int MAPPED_BITS = 96;

  private static final int MAX_LENGTH = 45;

  private Addresses() {}

  /** Four or sixteen bytes of an address without brackets, zone or leading zeros. */
  static Optional<byte[]> parse(String text) {
    if (text.isEmpty() || text.length() > MAX_LENGTH || !isPlain(text)) {
      return Optional.empty();
    }
    return Optional.ofNullable(NetUtil.createByteArrayFromIpAddressString(text));
  }

  /** Digits, dots and colons alone; a dotted part has no leading zero, which some read as octal. */
  private static boolean isPlain(String text) {
    for (int i = 0; i < text.length(); i++) {
      if ("0123456789abcdefABCDEF.:".indexOf(text.charAt(i)) < 0) {
        return false;
      }
    }
    return Arrays.stream(text.substring(text.lastIndexOf(':') + 1).split("\\.", -1))
        .noneMatch(part -> text.contains(".") && part.length() > 1 && part.startsWith("0"));
  }

  /** Sixteen bytes of either kind of address. */
  static byte[] mapped(byte[] address) {
    if (address.length != 4) {
      return address;
    }
    var mapped = new byte[16];
    mapped[10] = -1;
    mapped[11] = -1;
    System.arraycopy(address, 0, mapped, 12, 4);
    return mapped;
  }

  /** As usually written; a mapped IPv4 address as IPv4 (RFC 5952). */
  static String print(byte[] sixteen) {
    return NetUtil.bytesToIpAddress(
        isMapped(sixteen) ? Arrays.copyOfRange(sixteen, 12, 16) : sixteen);
  }

  static boolean isMapped(byte[] sixteen) {
    return Arrays.equals(mapped(new byte[4]), 0, 12, sixteen, 0, 12);
  }
}
