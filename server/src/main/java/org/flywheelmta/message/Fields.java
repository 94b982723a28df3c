package org.flywheelmta.message;

import java.util.Arrays;
import org.flywheelmta.base.Check;
import org.flywheelmta.base.ReadOnlyThreadSafe;
import org.jspecify.annotations.Nullable;

/**
 * Tagged values of a transaction or a recipient, sorted by {@link Tag}. Tags that this version does
 * not know are carried unchanged, through the spool and back.
 */
@ReadOnlyThreadSafe
public final class Fields {
  /** No fields. */
  public static final Fields NONE = new Fields(new int[0], new byte[0][]);

  // A value's own head, and its places in the arrays.
  private static final int VALUE_BYTES = 24;

  private final int[] tags;
  private final byte[][] values;

  private Fields(int[] tags, byte[][] values) {
    this.tags = tags;
    this.values = values;
  }

  /**
   * These fields with one set or replaced.
   *
   * @param tag 1 to 65535
   * @param value taken over, not copied
   */
  public Fields with(int tag, byte[] value) {
    Check.that(tag > 0 && tag <= 0xffff, "a field's tag is out of range");
    int found = Arrays.binarySearch(tags, tag);
    if (found >= 0) {
      var replaced = values.clone();
      replaced[found] = value;
      return new Fields(tags, replaced);
    }
    int position = -found - 1;
    var moreTags = Arrays.copyOf(tags, tags.length + 1);
    var moreValues = Arrays.copyOf(values, values.length + 1);
    System.arraycopy(tags, position, moreTags, position + 1, tags.length - position);
    System.arraycopy(values, position, moreValues, position + 1, values.length - position);
    moreTags[position] = tag;
    moreValues[position] = value;
    return new Fields(moreTags, moreValues);
  }

  /** The value of a tag, not to be changed; null where it is not set. */
  public byte @Nullable [] value(int tag) {
    int found = Arrays.binarySearch(tags, tag);
    return found < 0 ? null : values[found];
  }

  /** True when the tag is set. */
  public boolean has(int tag) {
    return Arrays.binarySearch(tags, tag) >= 0;
  }

  /** About how many bytes they take. */
  int bytes() {
    int bytes = 0;
    for (var value : values) {
      bytes += VALUE_BYTES + value.length;
    }
    return bytes;
  }

  /** How many fields there are. */
  public int count() {
    return tags.length;
  }

  /** The tag at {@code index}, ascending. */
  public int tagAt(int index) {
    return tags[index];
  }

  /** The value at {@code index}, not to be changed. */
  public byte[] valueAt(int index) {
    return values[index];
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Fields that
        && Arrays.equals(tags, that.tags)
        && Arrays.deepEquals(values, that.values);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(tags) + Arrays.deepHashCode(values);
  }

  @Override
  public String toString() {
    return "Fields" + Arrays.toString(tags);
  }
}
