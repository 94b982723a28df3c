package org.flywheelmta.main;

import static org.assertj.core.api.Assertions.assertThat;

import org.flywheelmta.config.ConfigError;
import org.flywheelmta.config.Configured;
import org.flywheelmta.config.Loaded;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Options of TLS and accounts that would silently do nothing are errors before anything starts. */
final class SecurityChecksTest {
  private static String errors(String global, String listen) {
    var text = global + "\nesmtp_listener { listen \"127.0.0.1:0\" { " + listen + " } }\n";
    return switch (Configured.load(ServerOptions.schema(), text)) {
      case Loaded.Ok _ -> "";
      case Loaded.Failed(var errors) ->
          String.join("\n", errors.stream().map(ConfigError::print).toList());
    };
  }

  @ParameterizedTest
  @CsvSource({
    "'', tls = required, tls without a tls_certificate",
    "'', 'tls_certificate = ( a b )  tls_key = ( a )', 'tls_key has 1 files, tls_certificate has 2'",
    "'', auth_required = on, auth_required without an accounts_file",
    "'domain \"a.test\" { gateway = \"192.0.2.1:25\"  tls = required }', '', tls of a domain with a"
        + " gateway does nothing",
    "'domain \"a.test\" { gateway = \"192.0.2.1:25\"  tls_verify = host }', '', tls_verify of a"
        + " domain with a gateway does nothing",
  })
  void whatWouldDoNothingIsAnErrorOnce(String global, String listen, String complaint) {
    assertThat(errors(global, listen).lines())
        .filteredOn(line -> line.contains(complaint))
        .hasSize(1);
  }

  @ParameterizedTest
  @CsvSource({
    "'', tls = no",
    "'', 'tls = implicit  tls_self_signed = on'",
    "accounts_file = a, 'auth_required = on  tls_certificate = ( a b )'",
    "'gateway = \"192.0.2.1:25\"  tls = required', ''",
    "'domain \"a.test\" { tls = required  tls_verify = host }', ''",
  })
  void whatDoesSomethingPasses(String global, String listen) {
    assertThat(errors(global, listen)).isEmpty();
  }
}
