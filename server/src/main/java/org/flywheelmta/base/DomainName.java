package org.flywheelmta.base;

import com.ibm.icu.text.IDNA;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The one spelling by which domain names are compared, queued and looked up, whichever of their
 * spellings was given.
 */
@ConcurrentThreadSafe
public final class DomainName {
  private static final int LABEL_MAX = 63;
  private static final int NAME_MAX = 253;

  private DomainName() {}

  /**
   * A name in lower case, with its internationalized labels as A-labels (RFC 5890 section 2.3.2.1).
   * A name in ASCII is not judged, only written in lower case.
   *
   * @param name labels with dots between them, in any spelling
   * @return null for a name beyond ASCII that no domain can have: a label that IDNA refuses, an
   *     empty one, one of more than 63 octets as an A-label, or more than 253 octets in all
   */
  public static @Nullable String toAscii(String name) {
    for (int i = 0; i < name.length(); i++) {
      if (name.charAt(i) > 0x7f) {
        return Mapping.toAscii(name);
      }
    }
    return name.toLowerCase(Locale.ROOT);
  }

  /**
   * Whether a name has the form of one in the domain name system: labels of 1 to 63 octets of
   * printable ASCII, 253 octets in all (RFC 1035 section 2.3.4). What letters it has is the
   * system's to judge.
   */
  public static boolean canBeLookedUp(String name) {
    int label = 0;
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (c == '.' ? label == 0 : c <= ' ' || c >= 0x7f || ++label > LABEL_MAX) {
        return false;
      }
      label = c == '.' ? 0 : label;
    }
    return label > 0 && name.length() <= NAME_MAX;
  }

  /**
   * IDNA 2008 in the compatible form of UTS 46, without the deviations of IDNA 2003 that lead to
   * another domain. A class of its own, so that the tables are read for the first name that needs
   * them, and never where there is none.
   */
  private static final class Mapping {
    private static final IDNA UTS46 =
        IDNA.getUTS46Instance(
            IDNA.NONTRANSITIONAL_TO_ASCII
                | IDNA.CHECK_BIDI
                | IDNA.CHECK_CONTEXTJ
                | IDNA.CHECK_CONTEXTO);

    static @Nullable String toAscii(String name) {
      var ascii = new StringBuilder();
      var found = new IDNA.Info();
      UTS46.nameToASCII(name, ascii, found);
      return found.hasErrors() || !hasLabelsOnly(ascii) ? null : ascii.toString();
    }

    /** What it maps to ASCII may be anything, such as an at sign or the dot of an empty label. */
    private static boolean hasLabelsOnly(CharSequence ascii) {
      char before = '.';
      for (int i = 0; i < ascii.length(); i++) {
        char c = ascii.charAt(i);
        boolean inLabel = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
        if (!inLabel && (c != '.' || before == '.')) {
          return false;
        }
        before = c;
      }
      return before != '.';
    }
  }
}
