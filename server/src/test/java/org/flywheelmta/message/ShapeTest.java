package org.flywheelmta.message;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import org.flywheelmta.message.Content.Shape;
import org.junit.jupiter.api.Test;

/** The octet that stands for a shape in the spool. */
final class ShapeTest {
  @Test
  void everyShapeComesBackFromItsOctet() {
    var shapes = new HashSet<Shape>();
    for (int bits = 0; bits < 16; bits++) {
      shapes.add(Shape.of(bits));
      assertThat(Shape.of(bits).bits()).isEqualTo(bits);
    }
    assertThat(shapes).hasSize(16);
  }

  @Test
  void bitsKeepTheMeaningThatSpoolsGiveThem() {
    assertThat(new Shape(true, false, false, false).bits()).isEqualTo(1);
    assertThat(new Shape(false, true, false, false).bits()).isEqualTo(2);
    assertThat(new Shape(false, false, true, false).bits()).isEqualTo(4);
    assertThat(new Shape(false, false, false, true).bits()).isEqualTo(8);
    // A spool from before the last one was known: no mail in it was given as SMTPUTF8.
    assertThat(Shape.of(6)).isEqualTo(new Shape(false, true, true));
  }
}
