package org.flywheelmta.auth;

import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.flywheelmta.base.NonThreadSafe;
import org.jspecify.annotations.Nullable;

/** SCRAM (RFC 5802, RFC 7677), with channel binding or without. */
@NonThreadSafe
final class ScramServer implements SaslServer {
  private static final int MOST_NONCE_CHARS = 512;

  private final ScramHash hash;
  private final boolean plus;
  private final boolean plusOffered;
  private final List<ChannelBinding> bindings;
  private final String serverNonce;

  private @Nullable First first;
  private @Nullable ScramKeys keys;
  private String serverFirst = "";
  private boolean done;

  /**
   * @param plus whether this is the mechanism that binds
   * @param plusOffered whether it was offered; a client that could have bound and says that it was
   *     not offered has been lied to
   * @param nonce drawn for this exchange alone, printable and without commas
   */
  ScramServer(
      ScramHash hash,
      boolean plus,
      boolean plusOffered,
      List<ChannelBinding> bindings,
      String nonce) {
    this.hash = hash;
    this.plus = plus;
    this.plusOffered = plusOffered;
    this.bindings = bindings;
    this.serverNonce = nonce;
  }

  /** What the client said first. */
  private record First(
      Gs2Header header, String gs2, String bare, String nonce, @Nullable ChannelBinding binding) {}

  @Override
  public Step onMessage(byte[] message) {
    var text = SaslText.utf8(message, 0, message.length);
    if (text == null || text.indexOf('\0') >= 0 || done) {
      return Step.Failed.MALFORMED;
    }
    var begun = first;
    var held = keys;
    if (begun == null) {
      return onFirst(text);
    }
    done = true;
    return held == null ? Step.Failed.MALFORMED : onFinal(text, begun, held);
  }

  private Step onFirst(String text) {
    var header = Gs2Header.parse(text);
    if (header == null) {
      return Step.Failed.MALFORMED;
    }
    var bare = text.substring(header.end());
    int nameEnd = bare.indexOf(",r=");
    // An extension that must be understood stands first, as "m=", and there is none.
    if (!bare.startsWith("n=") || nameEnd < 0 || bare.indexOf(',') != nameEnd) {
      return Step.Failed.MALFORMED;
    }
    var name = Gs2Header.name(bare.substring(2, nameEnd));
    int nonceEnd = ScramText.end(bare, nameEnd + 1);
    var nonce = bare.substring(nameEnd + 3, nonceEnd);
    if (name == null
        || SaslText.octets(name).length > SaslText.MOST_NAME_OCTETS
        || SaslText.octets(header.authorization()).length > SaslText.MOST_NAME_OCTETS
        || !isNonce(nonce)
        || !ScramText.areExtensions(bare, nonceEnd)) {
      return Step.Failed.MALFORMED;
    }
    boolean bound = header.flag() == Gs2Header.Flag.BOUND;
    if (bound != plus || (header.flag() == Gs2Header.Flag.NOT_OFFERED && plusOffered)) {
      return Step.Failed.BINDING;
    }
    var binding = bound ? binding(header.binding()) : null;
    if (bound && binding == null) {
      return Step.Failed.BINDING;
    }
    first = new First(header, text.substring(0, header.end()), bare, nonce, binding);
    return new Step.Keys(name, header.authorization(), hash);
  }

  private @Nullable ChannelBinding binding(String type) {
    for (var binding : bindings) {
      if (binding.type().equals(type)) {
        return binding;
      }
    }
    return null;
  }

  private static boolean isNonce(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c <= ' ' || c >= 0x7f || c == ',') {
        return false;
      }
    }
    return !text.isEmpty() && text.length() <= MOST_NONCE_CHARS;
  }

  @Override
  public Step onKeys(ScramKeys given) {
    var begun = first;
    if (begun == null || keys != null) {
      return Step.Failed.MALFORMED;
    }
    keys = given;
    serverFirst =
        "r=" + begun.nonce() + serverNonce + ",s=" + given.saltText() + ",i=" + given.iterations();
    return new Step.Challenge(serverFirst);
  }

  private Step onFinal(String text, First begun, ScramKeys held) {
    int proofAt = text.lastIndexOf(",p=");
    int bindingEnd = text.indexOf(',');
    if (proofAt < 0 || !text.startsWith("c=") || !text.startsWith(",r=", bindingEnd)) {
      return Step.Failed.MALFORMED;
    }
    var withoutProof = text.substring(0, proofAt);
    int nonceEnd = ScramText.end(withoutProof, bindingEnd + 1);
    var bound = SaslText.base64(text.substring(2, bindingEnd));
    var proof = SaslText.base64(text.substring(proofAt + 3));
    if (bound == null || proof == null || !ScramText.areExtensions(withoutProof, nonceEnd)) {
      return Step.Failed.MALFORMED;
    }
    if (!withoutProof.substring(bindingEnd + 3, nonceEnd).equals(begun.nonce() + serverNonce)) {
      return Step.Failed.CREDENTIALS;
    }
    var authMessage = begun.bare() + "," + serverFirst + "," + withoutProof;
    // Both are computed before either counts: an unknown name takes the time of a known one.
    boolean proven = held.proves(proof, authMessage);
    var signature = held.signature(authMessage);
    if (!Arrays.equals(bound, expected(begun))) {
      return Step.Failed.BINDING;
    }
    return proven
        ? new Step.Proven("v=" + Base64.getEncoder().encodeToString(signature))
        : Step.Failed.CREDENTIALS;
  }

  private static byte[] expected(First begun) {
    var header = SaslText.octets(begun.gs2());
    var binding = begun.binding();
    if (binding == null) {
      return header;
    }
    var both = Arrays.copyOf(header, header.length + binding.octets().length);
    System.arraycopy(binding.octets(), 0, both, header.length, binding.octets().length);
    return both;
  }
}
