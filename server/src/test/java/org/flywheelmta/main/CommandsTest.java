package org.flywheelmta.main;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.flywheelmta.config.Manual;
import org.flywheelmta.scheduler.IoEngine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The commands as a person types them: what they print and how they exit. */
final class CommandsTest {
  private static final String RELAY =
      """
      gateway = "127.0.0.1:2600"
      spool { path = "spool" }
      esmtp_listener { listen "127.0.0.1:0" { relay_hosts = ( "127.0.0.0/8" ) } }
      """;

  @TempDir private Path folder;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... arguments) {
    return Main.commandLine()
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(arguments);
  }

  private String configuration(String text) throws Exception {
    var file = folder.resolve("flywheel.conf");
    Files.writeString(file, text);
    return file.toString();
  }

  @Test
  void goodConfigurationIsSaidToBeGood() throws Exception {
    assertThat(run("check", "--config", configuration(RELAY))).isEqualTo(ExitCode.OK);
    assertThat(out.toString()).endsWith("flywheel.conf: the configuration is good\n");
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void shippedConfigurationIsGood() {
    // Surefire runs in the folder of its module.
    assertThat(run("check", "--config", "../conf/flywheel.conf")).isEqualTo(ExitCode.OK);
    assertThat(run("check", "--config", "../conf/production.conf")).isEqualTo(ExitCode.OK);
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void sandboxThatOthersCouldReachIsRefusedWhereItStands() throws Exception {
    var file =
        configuration(
            """
            sandbox_listener {
              max_message_size = 1MB
              listen "[::1]:2526" { idle_time = 1m }
              listen "0.0.0.0:2526" { }
            }
            sandbox_listener "more" { listen "127.0.0.1:2527" { } }
            """);
    assertThat(run("check", "--config", file)).isEqualTo(ExitCode.CONFIGURATION);
    assertThat(err.toString())
        .contains(":4:3: the sandbox takes mail for anybody, so it listens on loopback only")
        .contains(":6:1: there is one sandbox")
        .doesNotContain("conf:3:");
  }

  @Test
  void misspeltOptionIsNamedWithItsPlaceAndTheNearestName() throws Exception {
    var file = configuration(RELAY + "retry_intervall = 20m\n");
    assertThat(run("check", "--config", file)).isEqualTo(ExitCode.CONFIGURATION);
    assertThat(err.toString())
        .startsWith(file + ":4:1: ")
        .contains("retry_intervall", "did you mean \"retry_interval\"?");
  }

  @Test
  void serverDoesNotStartOnABadConfiguration() throws Exception {
    var file = configuration(RELAY + "retry_interval = soon\n");
    assertThat(run("run", "--config", file)).isEqualTo(ExitCode.CONFIGURATION);
    assertThat(err.toString()).startsWith(file + ":4:18: ");
    assertThat(folder.resolve("var")).doesNotExist();
  }

  @Test
  void missingFileIsOneLine() {
    var file = folder.resolve("none.conf").toString();
    assertThat(run("check", "--config", file)).isEqualTo(ExitCode.CONFIGURATION);
    assertThat(err.toString()).contains("none.conf").contains("there is no such file");
  }

  @Test
  void addressThatIsNoneAndOneThatIsTwiceAreConfigurationErrors() throws Exception {
    var file =
        configuration(
            """
            esmtp_listener {
              listen "localhost:25" { }
              listen "127.0.0.1:2525" { }
            }
            esmtp_listener "more" { listen "127.0.0.1:2525" { event_loop = "fast" } }
            """);
    assertThat(run("check", "--config", file)).isEqualTo(ExitCode.CONFIGURATION);
    assertThat(err.toString())
        .contains(":2:3: \"localhost:25\" is no address to listen on")
        .contains(":5:25: 127.0.0.1:2525 is listened on twice")
        .contains(":5:51: there is no eventloop \"fast\"");
  }

  @Test
  void unknownPoolsSuggestTheNearestName() throws Exception {
    var file =
        configuration(
            RELAY
                + """
                threadpool "I0" { concurrency = 2 }
                threadpool "CPU" { concurrency = 2  backlog = 10 }
                threadpool "elsewhere" { }
                delivery_pool = "event"
                """);
    assertThat(run("check", "--config", file)).isEqualTo(ExitCode.CONFIGURATION);
    assertThat(err.toString())
        .contains(":4:1: there is no threadpool \"I0\"; did you mean \"IO\"?\n")
        .doesNotContain(":5:")
        .contains(":6:1: there is no threadpool \"elsewhere\"\n")
        .contains(":7:1: there is no eventloop \"event\"; did you mean \"events\"?\n");
  }

  @Test
  void unknownEngineSuggestsTheNearestName() throws Exception {
    var file = configuration(RELAY + "io_engine = iouring\n");
    assertThat(run("check", "--config", file)).isEqualTo(ExitCode.CONFIGURATION);
    assertThat(err.toString()).contains(":4:13: ").contains("did you mean \"io_uring\"?");
  }

  @Test
  void versionNamesTheEnginesOfTheMachine() {
    assertThat(run("version")).isZero();
    assertThat(out.toString())
        .contains("io_engine " + IoEngine.auto() + ", default\n")
        .contains("io_engine nio, ");
    for (var engine : IoEngine.values()) {
      assertThat(out.toString().contains("io_engine " + engine + ", not there: "))
          .isNotEqualTo(IoEngine.available().contains(engine));
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = IoEngine.class,
      names = {"EPOLL", "IO_URING"})
  void engineThatTheMachineLacksIsOneLineAndNothingStarts(IoEngine engine) throws Exception {
    var file = configuration(RELAY);
    var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    // Netty's own way to be without its native libraries, as on another system.
    var process =
        new ProcessBuilder(
                java,
                "-Dio.netty.transport.noNative=true",
                "-cp",
                System.getProperty("java.class.path"),
                "org.flywheelmta.main.Main",
                "run",
                "--config",
                file,
                "--set",
                "io_engine=" + engine)
            .redirectErrorStream(true)
            .start();
    assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
        .startsWith("flywheel: this machine does not have the I/O engine " + engine + ": ")
        .contains("noNative")
        .containsOnlyOnce("\n");
    assertThat(process.waitFor()).isEqualTo(ExitCode.CONFIGURATION);
    assertThat(folder.resolve("var")).doesNotExist();
  }

  @Test
  void routeThatIsNoHostIsRefusedWhereItStands() throws Exception {
    var file = configuration(RELAY + "domain \"x.test\" { routes = ( \"10 relay:0\" ) }\n");
    assertThat(run("check", "--config", file)).isEqualTo(ExitCode.CONFIGURATION);
    assertThat(err.toString()).contains(":4:").contains("is no host with a preference and a port");
  }

  @Test
  void overridesWinAndTheirErrorsAreNamed() throws Exception {
    var file = configuration(RELAY);
    assertThat(run("check", "--config", file, "--set", "retry_interval=5m")).isZero();
    assertThat(run("check", "--config", file, "--set", "retry_interval=never"))
        .isEqualTo(ExitCode.CONFIGURATION);
    assertThat(err.toString()).startsWith("--set:1:16: ");
  }

  @Test
  void unknownCommandIsAUsageError() {
    assertThat(run("fly")).isEqualTo(ExitCode.USAGE);
    assertThat(run()).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).contains("Try: flywheel --help");
  }

  @Test
  void spoolThatDoesNotExistIsOneLine() throws Exception {
    assertThat(run("spool", "list", "--config", configuration(RELAY))).isEqualTo(ExitCode.DATA);
    assertThat(err.toString()).endsWith("spool: there is no spool\n");
  }

  @Test
  void optionIsExplainedWithAllThatIsDeclared() {
    assertThat(run("explain", "Retry_Interval")).isZero();
    assertThat(out.toString())
        .startsWith("retry_interval\n  type     duration\n  takes    a duration such as 20m")
        .contains("\n  unit     seconds, for a bare number\n", "\n  default  20m\n")
        .contains("\n  scopes   the top level, binding_group, binding, domain\n")
        .contains("\n  change   at once\n\n  The time from a first failed attempt");
    assertThat(out.toString().lines()).allSatisfy(l -> assertThat(l).hasSizeLessThan(101));
  }

  @Test
  void scopeIsExplainedByItsOptions() {
    assertThat(run("explain", "sandbox_listener")).isZero();
    assertThat(out.toString())
        .startsWith("sandbox_listener\n  stanza   in the top level\n")
        .contains("sandbox_max_messages", "listen_backlog", "max_message_size")
        .contains("\n  stanzas  listen, peer");
    assertThat(run("explain", "global")).isZero();
    assertThat(out.toString()).contains("the top level\n  options  hostname,");
  }

  @Test
  void everythingIsListedWithoutAName() {
    assertThat(run("explain")).isZero();
    for (var option : Manual.options(ServerOptions.schema())) {
      assertThat(out.toString()).contains("\n  " + option.name() + " ");
    }
    assertThat(out.toString()).contains("\nScopes:\n  global").doesNotContain("\"\"\"");
  }

  @Test
  void explanationsArePrintedAsJson() {
    assertThat(run("explain", "gateway", "--json")).isZero();
    assertThat(out.toString())
        .startsWith("{\"option\":\"gateway\",\"type\":")
        .contains("\"scopes\":[\"the top level\",", "\"online\":true,")
        .containsOnlyOnce("\n");
    assertThat(run("explain", "--json")).isZero();
    assertThat(out.toString()).contains("{\"scope\":\"esmtp_listener\",");
  }

  @Test
  void unknownNameSuggestsTheNearest() {
    assertThat(run("explain", "gatway")).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString())
        .isEqualTo("flywheel: there is no option or scope \"gatway\"; did you mean \"gateway\"?\n");
  }

  @Test
  void everyCommandHasHelp() {
    for (var name : new String[] {"run", "check", "explain", "find", "spool", "version"}) {
      assertThat(run(name, "--help")).as(name).isZero();
    }
    for (var name : new String[] {"list", "show", "check", "export", "import"}) {
      assertThat(run("spool", name, "--help")).as(name).isZero();
    }
    for (var name : new String[] {"add", "list", "remove", "check"}) {
      assertThat(run("account", name, "--help")).as(name).isZero();
    }
    assertThat(run("--help")).isZero();
    assertThat(out.toString())
        .contains(
            "Exit codes", "--config=FILE", "--json", "\n  send ", "\n  sink ", "\n  torture ");
  }
}
