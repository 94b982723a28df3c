package org.flywheelmta.base;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One spelling for every domain; the A-labels are those of the registries, not of our library. */
final class DomainNameTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      textBlock =
          """
          example.com                     | example.com
          Example.COM                     | example.com
          XN--BCHER-KVA.Example           | xn--bcher-kva.example
          xn--a                           | xn--a
          [192.0.2.1]                     | [192.0.2.1]
          b\u00fccher.example             | xn--bcher-kva.example
          B\u00dcCHER.Example             | xn--bcher-kva.example
          bu\u0308cher.example            | xn--bcher-kva.example
          fa\u00df.de                     | xn--fa-hia.de
          \u0431\u0433.\u0440\u0444       | xn--90ae.xn--p1ai
          \u4f8b\u5b50.\u4e2d\u56fd       | xn--fsqu00a.xn--fiqs8s
          \u4f8b\u5b50\u3002\u4e2d\u56fd  | xn--fsqu00a.xn--fiqs8s
          \u05e7\u05d5\u05dd.com          | xn--9dbq2a.com
          _dmarc.b\u00fccher.example      | _dmarc.xn--bcher-kva.example
          \uff41.test                     | a.test
          \ud83d\udca9.la                 | xn--ls8h.la
          \ufffd.test                     | -
          \u00ad.test                     | -
          a..\u00fc                       | -
          .\u00fc                         | -
          \u00fc.                         | -
          \u00fc\u3002                    | -
          \uff20\u00fc.test               | -
          a\uff0f\u00fc.test              | -
          -\u00fc.test                    | -
          \u00fc-.test                    | -
          ab--\u00fc.test                 | -
          \u0301a.test                    | -
          a\u200db.test                   | -
          \u05d0a.test                    | -
          xn--a.\u00fc                    | -
          \ud800.test                     | -
          """)
  void everySpellingHasOneFormOrNone(String name, @Nullable String ascii) {
    assertThat(DomainName.toAscii(name)).isEqualTo(ascii);
  }

  @Test
  void controlsAreInNoLabel() {
    for (char control = '\u0080'; control < '\u00a0'; control++) {
      assertThat(DomainName.toAscii("a" + control + ".test")).isNull();
    }
  }

  @Test
  void labelsAndNamesHaveTheLengthsOfTheDns() {
    // xn-- and -tda leave room for 55 letters.
    var longest = "\u00fc" + "a".repeat(55);
    assertThat(DomainName.toAscii(longest + ".test")).hasSize(63 + 5);
    assertThat(DomainName.toAscii(longest + "a.test")).isNull();
    var names = (longest + ".").repeat(3);
    assertThat(DomainName.toAscii(names + "b".repeat(61))).hasSize(253);
    assertThat(DomainName.toAscii(names + "b".repeat(62))).isNull();
  }

  @Test
  void namesInAsciiNeverLoadTheTables() throws Exception {
    var loader = new Recording();
    var name = loader.loadClass(DomainName.class.getName());
    var toAscii = name.getMethod("toAscii", String.class);
    assertThat(toAscii.invoke(null, "Example.com")).isEqualTo("example.com");
    assertThat(loader.icu).isEmpty();
    assertThat(toAscii.invoke(null, "\u00fc.test")).isEqualTo("xn--tda.test");
    assertThat(loader.icu).isNotEmpty();
  }

  /** Defines the class anew, and notes which classes of the library it asks for. */
  private static final class Recording extends ClassLoader {
    private static final List<String> ANEW =
        List.of(DomainName.class.getName(), DomainName.class.getName() + "$Mapping");

    final Set<String> icu = new HashSet<>();

    Recording() {
      super(DomainName.class.getClassLoader());
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      if (name.startsWith("com.ibm.icu.")) {
        icu.add(name);
      }
      if (!ANEW.contains(name) || findLoadedClass(name) != null) {
        return super.loadClass(name, resolve);
      }
      try (var file = getResourceAsStream(name.replace('.', '/') + ".class")) {
        if (file == null) {
          throw new ClassNotFoundException(name);
        }
        var octets = file.readAllBytes();
        return defineClass(name, octets, 0, octets.length);
      } catch (IOException unreadable) {
        throw new ClassNotFoundException(name, unreadable);
      }
    }
  }
}
