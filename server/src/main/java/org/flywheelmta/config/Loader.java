package org.flywheelmta.config;

import java.util.List;
import org.flywheelmta.base.ReadOnlyThreadSafe;

/**
 * Makes generations of one configuration file.
 *
 * @param path of the first file
 * @param overrides each {@code key=value} for the top level, as given with {@code --set}; they win
 *     over the files
 */
@ReadOnlyThreadSafe
public record Loader(Schema schema, ConfigFiles files, String path, List<String> overrides) {
  private static final String OVERRIDE = "--set";

  /** Copies {@code overrides}. */
  public Loader {
    overrides = List.copyOf(overrides);
  }

  /** Reads the files as they are now. Blocks as long as the door to the files does. */
  public Loaded load(long number) {
    var errors = new Errors();
    var includes = new Includes(files, errors);
    var start = includes.text(path, "").at(0);
    var all = new Block(new Value.Text("", start), null);
    includes.first(path, source -> new Parser(source, includes, errors).parse(all, 0));
    var binder = new Binder(schema, errors, start);
    binder.bind(all);
    overrides.forEach(text -> override(includes.text(OVERRIDE, text), includes, errors, binder));
    if (errors.count() > 0) {
      return new Loaded.Failed(errors.errors());
    }
    var generation = new Generation(schema, number, binder.root());
    schema.check(generation).forEach(e -> errors.add(e.at(), e.text()));
    return errors.count() > 0
        ? new Loaded.Failed(errors.errors())
        : new Loaded.Ok(generation, errors.warnings());
  }

  /** An override is one assignment: no stanza, and nothing read from elsewhere. */
  private static void override(Source source, Includes includes, Errors errors, Binder binder) {
    var before = errors.count();
    var assignment = new Parser(source, includes, errors).onlyAssignment();
    if (assignment != null && errors.count() == before) {
      binder.override(assignment);
    }
  }
}
