package org.flywheelmta.main;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.flywheelmta.auth.AccountsFile;
import org.flywheelmta.disk.FileDisk;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code flywheel account} as a script uses it, with passwords on the standard input. */
final class AccountCommandsTest {
  private static final String CONFIGURATION =
      """
      accounts_file = "keys/accounts"
      hostname = "mta.example.net"
      gateway = "127.0.0.1:2600"
      spool { path = "spool" }
      """;

  @TempDir private Path folder;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private final InputStream before = System.in;

  @BeforeEach
  void configuration() throws Exception {
    Files.writeString(folder.resolve("flywheel.conf"), CONFIGURATION);
  }

  @AfterEach
  void input() {
    System.setIn(before);
  }

  private int run(String input, String... arguments) {
    out.getBuffer().setLength(0);
    err.getBuffer().setLength(0);
    System.setIn(new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)));
    var all = new String[arguments.length + 3];
    all[0] = "account";
    System.arraycopy(arguments, 0, all, 1, arguments.length);
    all[arguments.length + 1] = "--config";
    all[arguments.length + 2] = folder.resolve("flywheel.conf").toString();
    return Main.commandLine()
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(all);
  }

  private Path accounts() {
    return folder.resolve("var/keys/accounts");
  }

  private String audit() throws Exception {
    var text = new StringBuilder();
    try (var files = Files.list(folder.resolve("var/log"))) {
      for (var file : files.sorted().toList()) {
        text.append(Files.readString(file));
      }
    }
    return text.toString();
  }

  @Test
  void accountIsAddedListedCheckedAndRemoved() throws Exception {
    assertThat(run("s3cret\n", "add", "alice", "--roles", "send,read")).isEqualTo(ExitCode.OK);
    assertThat(run("", "list")).isEqualTo(ExitCode.OK);
    assertThat(out.toString()).isEqualTo("alice  read,send  SHA-256 15000\n1 account\n");
    assertThat(run("s3cret\r\n", "check", "alice")).isEqualTo(ExitCode.OK);
    assertThat(run("other\n", "check", "alice")).isEqualTo(ExitCode.NOT_FOUND);
    assertThat(out.toString()).isEqualTo("the password is wrong\n");
    assertThat(run("s3cret\n", "check", "bob")).isEqualTo(ExitCode.NOT_FOUND);
    assertThat(run("", "remove", "alice")).isEqualTo(ExitCode.OK);
    assertThat(run("", "remove", "alice")).isEqualTo(ExitCode.NOT_FOUND);
    assertThat(run("", "list")).isEqualTo(ExitCode.OK);
    assertThat(out.toString()).isEqualTo("0 accounts\n");
    assertThat(audit())
        .containsSubsequence(
            "\"node\":\"mta.example.net\"",
            "\"type\":\"account_added\",\"account\":\"alice\",\"roles\":[\"read\",\"send\"]",
            "\"type\":\"account_removed\",\"account\":\"alice\"")
        .doesNotContain("s3cret");
  }

  @Test
  void fileIsForItsOwnerAndHoldsNoPassword() throws Exception {
    run("s3cret", "add", "alice", "--scram-sha-1");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(accounts())))
        .isEqualTo("rw-------");
    assertThat(Files.readString(accounts()))
        .contains("\"scram-sha-256\":\"15000:", "\"scram-sha-1\":\"15000:")
        .doesNotContain("s3cret");
    assertThat(run("s3cret", "check", "alice")).isEqualTo(ExitCode.OK);
  }

  @Test
  void accountThatIsThereIsReplacedOnlyWhenThatIsSaid() throws Exception {
    run("one\n", "add", "alice");
    assertThat(run("two\n", "add", "alice")).isEqualTo(ExitCode.CANNOT_CREATE);
    assertThat(err.toString()).contains("there is an account alice already");
    assertThat(run("one\n", "check", "alice")).isEqualTo(ExitCode.OK);
    assertThat(run("two\n", "add", "alice", "--replace")).isEqualTo(ExitCode.OK);
    assertThat(run("two\n", "check", "alice")).isEqualTo(ExitCode.OK);
    assertThat(audit()).contains("\"type\":\"account_changed\"");
  }

  @Test
  void listIsJsonToo() {
    run("one\n", "add", "al\"ice", "--roles", "send");
    assertThat(run("", "list", "--json")).isEqualTo(ExitCode.OK);
    assertThat(out.toString())
        .isEqualTo(
            "{\"account\":\"al\\\"ice\",\"roles\":[\"send\"],\"hashes\":[\"SHA-256\"],"
                + "\"iterations\":15000}\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\n", "a\u0007b\n"})
  void passwordThatIsNoneIsRefused(String input) {
    assertThat(run(input, "add", "alice")).isEqualTo(ExitCode.DATA);
    assertThat(err.toString()).startsWith("flywheel: no password: ");
    assertThat(accounts()).doesNotExist();
  }

  @Test
  void namesRolesAndIterationsAreChecked() {
    assertThat(run("x\n", "add", "")).isEqualTo(ExitCode.USAGE);
    assertThat(run("x\n", "add", "alice", "--roles", "a b")).isEqualTo(ExitCode.USAGE);
    assertThat(run("x\n", "add", "alice", "--iterations", "4095")).isEqualTo(ExitCode.USAGE);
    assertThat(run("x\n", "add", "alice", "--password", "x")).isEqualTo(ExitCode.USAGE);
  }

  @Test
  void twoAtOnceAreOneAfterTheOther() throws Exception {
    run("one\n", "add", "alice");
    try (var _ = new AccountsFile(new FileDisk(), accounts()).lock()) {
      assertThat(run("two\n", "add", "bob")).isEqualTo(ExitCode.TEMPORARY);
    }
    assertThat(run("two\n", "add", "bob")).isEqualTo(ExitCode.OK);
    run("", "list");
    assertThat(out.toString()).endsWith("2 accounts\n");
  }

  @Test
  void brokenFileIsNamedWithItsLineAndLeftAlone() throws Exception {
    run("one\n", "add", "alice");
    Files.writeString(accounts(), Files.readString(accounts()) + "rubbish\n");
    assertThat(run("two\n", "add", "bob")).isEqualTo(ExitCode.DATA);
    assertThat(err.toString()).contains("line 3 is no account");
    assertThat(Files.readString(accounts())).endsWith("rubbish\n");
  }

  @Test
  void configurationWithoutAccountsSaysSo() throws Exception {
    Files.writeString(folder.resolve("flywheel.conf"), "spool { path = \"spool\" }\n");
    assertThat(run("", "list")).isEqualTo(ExitCode.CONFIGURATION);
    assertThat(err.toString()).contains("accounts_file is not set");
  }

  @Test
  void auditThatFailsIsNotSilent() throws Exception {
    Files.createDirectories(folder.resolve("var"));
    Files.writeString(folder.resolve("var/log"), "no folder");
    assertThat(run("one\n", "add", "alice")).isNotEqualTo(ExitCode.OK);
    assertThat(err.toString()).contains("the accounts are changed, and the audit has no line");
  }
}
