package org.flywheelmta.main;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.flywheelmta.config.Manual;
import org.flywheelmta.config.Schema;
import org.flywheelmta.config.Suggestion;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code flywheel explain}: the manual of the configuration. */
@Command(
    name = "explain",
    mixinStandardHelpOptions = true,
    description = {
      "Explains an option or a scope, or lists all of them.",
      "A scope is a stanza such as esmtp_listener or domain; global is the top level."
    })
final class ExplainCommand implements Callable<Integer> {
  private static final int LINE_LETTERS = 100;

  // Where the value stands in a line of a page, behind its key.
  private static final int VALUE_AT = 11;

  @Spec private @Nullable CommandSpec spec;

  @Parameters(
      arity = "0..1",
      paramLabel = "OPTION|SCOPE",
      description = "The name of an option or a scope, in any case.")
  private @Nullable String name;

  @Option(names = "--json", description = "Print one JSON object a line.")
  private boolean json;

  @Override
  public Integer call() {
    var line = Console.of(spec);
    var schema = ServerOptions.schema();
    if (name == null) {
      list(schema, line.getOut());
      return ExitCode.OK;
    }
    var text = Manual.of(schema, name);
    if (text.isEmpty()) {
      line.getErr()
          .println(
              "flywheel: there is no option or scope \""
                  + Printable.of(name)
                  + "\""
                  + Suggestion.question(name, Manual.names(schema)));
      return ExitCode.USAGE;
    }
    if (json) {
      printJson(schema, name.toLowerCase(Locale.ROOT), line.getOut());
    } else {
      text.get().lines().forEach(each -> line.getOut().println(wrapped(each)));
    }
    return ExitCode.OK;
  }

  private void list(Schema schema, PrintWriter out) {
    if (json) {
      printJson(schema, null, out);
      return;
    }
    var byScopes = new LinkedHashMap<List<String>, List<Manual.OptionPage>>();
    for (var option : Manual.options(schema)) {
      byScopes.computeIfAbsent(option.scopes(), _ -> new ArrayList<>()).add(option);
    }
    byScopes.forEach(
        (scopes, options) -> {
          out.println(wrapped("In " + String.join(", ", scopes) + ":"));
          for (var option : options) {
            out.println("  " + padded(option.name()) + " " + option.byDefault());
          }
          out.println();
        });
    out.println("Scopes:");
    for (var scope : Manual.scopes(schema)) {
      var within = scope.parents().isEmpty() ? "" : "in " + String.join(", ", scope.parents());
      out.println("  " + padded(scope.name()) + " " + within);
    }
  }

  private static String padded(String name) {
    return name + " ".repeat(Math.max(0, 32 - name.length()));
  }

  /** The pages of a name, or all. */
  private static void printJson(Schema schema, @Nullable String wanted, PrintWriter out) {
    for (var page : Manual.options(schema)) {
      if (wanted == null || page.name().equals(wanted)) {
        out.println(
            new JsonLine()
                .text("option", page.name())
                .text("type", page.type())
                .text("takes", page.takes())
                .text("unit", page.unit())
                .text("default", page.byDefault())
                .texts("scopes", page.scopes())
                .flag("online", page.online())
                .text("text", page.text())
                .end());
      }
    }
    for (var page : Manual.scopes(schema)) {
      if (wanted == null || page.name().equals(wanted)) {
        out.println(
            new JsonLine()
                .text("scope", page.name())
                .text("title", page.title())
                .texts("in", page.parents())
                .texts("options", page.options())
                .texts("stanzas", page.stanzas())
                .end());
      }
    }
  }

  /** A line in pieces that a terminal shows whole, those behind the first set in. */
  private static String wrapped(String line) {
    var out = new StringBuilder();
    var rest = line;
    boolean keyed = line.length() > VALUE_AT && line.startsWith("  ", VALUE_AT - 2);
    var indent = " ".repeat(keyed ? VALUE_AT : 2);
    while (rest.length() > LINE_LETTERS) {
      int cut = rest.lastIndexOf(' ', LINE_LETTERS);
      if (cut <= indent.length()) {
        break;
      }
      out.append(rest, 0, cut).append('\n');
      rest = indent + rest.substring(cut + 1);
    }
    return out.append(rest).toString();
  }
}
