package org.flywheelmta.main;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import org.flywheelmta.base.TransactionId;
import org.flywheelmta.disk.Disk;
import org.flywheelmta.disk.DiskFailure;
import org.flywheelmta.disk.FileDisk;
import org.flywheelmta.disk.SimDisk;
import org.flywheelmta.message.Address;
import org.flywheelmta.message.Fields;
import org.flywheelmta.message.Tag;
import org.flywheelmta.spool.SpoolReader;
import org.flywheelmta.spool.StoredOutcome;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is exported comes back as it was. */
final class ExportImportTest {
  private static final String RELAY =
      """
      gateway = "127.0.0.1:2600"
      spool { path = "spool" segment_size = 1MB }
      esmtp_listener { listen "127.0.0.1:0" { relay_hosts = ( "127.0.0.0/8" ) } }
      """;

  @TempDir private Path temporary;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  /** A transaction as it is put into a spool. */
  private static final class Mail {
    private final EnvelopeFile envelope;
    private final byte[] octets;

    private Mail(EnvelopeFile envelope, byte[] octets) {
      this.envelope = envelope;
      this.octets = octets;
    }

    EnvelopeFile envelope() {
      return envelope;
    }

    byte[] octets() {
      return octets;
    }
  }

  private static TransactionId id(int number) {
    return TransactionId.of(1_795_421_820_000_000L + number, number, 31L * number);
  }

  private static byte[] octets(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static StoredOutcome outcome(StoredOutcome.Kind kind, int attempts, Fields changed) {
    return new StoredOutcome(
        kind, attempts, 1_795_500_000_000_000L + attempts, attempts, "450 4.2.1 später", changed);
  }

  private static List<Mail> mails() {
    var mails = new ArrayList<Mail>();
    var plain = new EnvelopeFile.Recipient(Address.of("bob@example.net"), Fields.NONE, null);
    mails.add(mail(1, Address.NULL, Fields.NONE, List.of(plain), octets("A: b\r\n\r\n..x\r\n")));
    mails.add(mail(2, Address.of("a@x.test"), Fields.NONE, List.of(plain), new byte[0]));
    var eightBit = new byte[] {'A', ':', (byte) 0xe9, '\r', '\n', '\r', '\n', (byte) 0xff};
    var fields =
        Fields.NONE
            .with(Tag.BODY, new byte[] {8})
            .with(Tag.DSN_ENVID, octets("QQ+3D"))
            .with(Tag.SMTPUTF8, new byte[0])
            .with(60_000, new byte[] {(byte) 0xff, 0, 7});
    var notify = Fields.NONE.with(Tag.DSN_NOTIFY, octets("FAILURE,DELAY"));
    var changed = Fields.NONE.with(Tag.DELAY_TOLD, new byte[0]).with(Tag.EXPIRY, new byte[8]);
    var waiting = outcome(StoredOutcome.Kind.WAITING, 3, changed);
    mails.add(
        mail(
            3,
            Address.of("\"Büro\"@exämple.test"),
            fields,
            List.of(new EnvelopeFile.Recipient(Address.of("用户@例え.test"), notify, waiting)),
            eightBit));
    var many = new ArrayList<EnvelopeFile.Recipient>();
    var kinds = StoredOutcome.Kind.values();
    for (int i = 0; i < 60; i++) {
      var latest = i % 6 == 5 ? null : outcome(kinds[i % 6], i, i % 4 == 0 ? changed : Fields.NONE);
      many.add(new EnvelopeFile.Recipient(Address.of("r" + i + "@many.test"), notify, latest));
    }
    var large = new byte[700_001];
    new Random(4).nextBytes(large);
    mails.add(mail(4, Address.of("news@x.test"), fields, many, large));
    return mails;
  }

  private static Mail mail(
      int number,
      Address sender,
      Fields fields,
      List<EnvelopeFile.Recipient> recipients,
      byte[] octets) {
    var envelope =
        new EnvelopeFile(id(number), 1_000L * number, sender, fields, octets.length, recipients);
    return new Mail(envelope, octets);
  }

  private static void isThere(Disk disk, Path spool, Mail mail) throws DiskFailure {
    var shown = SpoolReader.read(disk, spool).show(mail.envelope().id()).orElseThrow();
    try {
      var octets = new byte[shown.content().size()];
      shown.content().bytes().getBytes(0, octets);
      assertThat(octets).isEqualTo(mail.octets());
      assertThat(shown.content().shape()).isEqualTo(SpoolAtRest.shape(mail.octets()));
      assertThat(EnvelopeFile.of(shown)).isEqualTo(mail.envelope());
    } finally {
      shown.content().release();
    }
  }

  private void goesRound(Disk disk, Path folder) throws Exception {
    var first = new SpoolAtRest(disk, folder.resolve("first"));
    for (var mail : mails()) {
      first.put(mail.envelope(), mail.octets());
    }
    first.export(folder.resolve("out"));
    var second = new SpoolAtRest(disk, folder.resolve("second"));
    assertThat(second.importFrom(folder.resolve("out"))).containsExactly("4, 0, 0");
    for (var mail : mails()) {
      isThere(disk, folder.resolve("first"), mail);
      isThere(disk, folder.resolve("second"), mail);
    }
    assertThat(second.importFrom(folder.resolve("out"))).hasSize(5).last().isEqualTo("0, 4, 0");
    second.export(folder.resolve("again"));
    for (var file : disk.list(folder.resolve("out"))) {
      var again = folder.resolve("again").resolve(file.getFileName());
      assertThat(bytes(disk, again)).isEqualTo(bytes(disk, file));
    }
    assertThat(disk.list(folder.resolve("again"))).hasSize(8);
  }

  private static byte[] bytes(Disk disk, Path path) throws DiskFailure {
    try (var file = disk.openRead(path)) {
      var octets = new byte[(int) file.size()];
      file.read(ByteBuffer.wrap(octets), 0);
      return octets;
    }
  }

  @Test
  void exportAndImportKeepEverythingOnASimulatedDisk() throws Exception {
    goesRound(new SimDisk(), Path.of("/data"));
  }

  @Test
  void exportAndImportKeepEverythingOnARealDisk() throws Exception {
    goesRound(new FileDisk(), temporary);
  }

  @Test
  void importedMailOutlivesAPowerCut() throws Exception {
    var disk = new SimDisk();
    var spool = new SpoolAtRest(disk, Path.of("/data/first"));
    for (var mail : mails()) {
      spool.put(mail.envelope(), mail.octets());
    }
    spool.export(Path.of("/data/out"));
    new SpoolAtRest(disk, Path.of("/data/second")).importFrom(Path.of("/data/out"));
    disk.crash(SimDisk.CrashMode.DROPPED, new SplittableRandom(1));
    for (var mail : mails()) {
      isThere(disk, Path.of("/data/second"), mail);
    }
  }

  @Test
  void fileThatExistsIsNotOverwritten() throws Exception {
    var disk = new SimDisk();
    var spool = new SpoolAtRest(disk, Path.of("/data/first"));
    spool.put(mails().getFirst().envelope(), mails().getFirst().octets());
    spool.export(Path.of("/data/out"));
    var failed = catchThrowableOfType(DiskFailure.class, () -> spool.export(Path.of("/data/out")));
    assertThat(failed.kind()).isEqualTo(DiskFailure.Kind.EXISTS);
  }

  @Test
  void brokenFilesAreRefusedOneByOneAndTheOthersImported() throws Exception {
    var disk = new SimDisk();
    var folder = Path.of("/data/out");
    var spool = new SpoolAtRest(disk, Path.of("/data/first"));
    for (var mail : mails()) {
      spool.put(mail.envelope(), mail.octets());
    }
    spool.export(folder);
    disk.put(folder.resolve(id(1) + ".eml"), new byte[3]);
    disk.delete(folder.resolve(id(2) + ".eml"));
    disk.put(folder.resolve(id(3) + ".json"), octets("{\"id\":\"" + id(3) + "\""));
    disk.put(folder.resolve("new.eml"), octets("A: b\r\n"));
    assertThat(new SpoolAtRest(disk, Path.of("/data/second")).importFrom(folder))
        .satisfiesExactly(
            shorter -> assertThat(shorter).contains(id(1) + ".eml").contains("13 octets"),
            missing -> assertThat(missing).contains(id(2) + ".eml").contains("no such file"),
            torn -> assertThat(torn).contains(id(3) + ".json: it is no JSON object"),
            lonely -> assertThat(lonely).contains("new.eml").contains("--from and --to"),
            counts -> assertThat(counts).isEqualTo("1, 0, 4"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "{}",
        "{\"id\":\"x\",\"sender\":\"\",\"recipients\":[{\"recipient\":\"a@b\"}]}",
        "{\"id\":\"362J7XQ4N8K1M0V2D5B9TR3Z6C\",\"recipients\":[{\"recipient\":\"a@b\"}]}",
        "{\"id\":\"362J7XQ4N8K1M0V2D5B9TR3Z6C\",\"sender\":\"\",\"recipients\":[]}",
        "{\"id\":\"362J7XQ4N8K1M0V2D5B9TR3Z6C\",\"sender\":\"\",\"recipients\":[{\"recipient\":\"\"}]}",
        "{\"id\":\"362J7XQ4N8K1M0V2D5B9TR3Z6C\",\"sender\":\"\","
            + "\"recipients\":[{\"recipient\":\"a@b\",\"state\":\"lost\"}]}",
        "{\"id\":\"362J7XQ4N8K1M0V2D5B9TR3Z6C\",\"sender\":\"\",\"fields\":[{\"tag\":70000}],"
            + "\"recipients\":[{\"recipient\":\"a@b\"}]}",
        "{\"version\":2,\"id\":\"362J7XQ4N8K1M0V2D5B9TR3Z6C\",\"sender\":\"\","
            + "\"recipients\":[{\"recipient\":\"a@b\"}]}"
      })
  void whatIsNoEnvelopeIsRefused(String json) {
    assertThat(EnvelopeFile.read(octets(json))).isInstanceOf(EnvelopeFile.Read.Bad.class);
  }

  private int run(String... arguments) {
    return Main.commandLine()
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(arguments);
  }

  @Test
  void commandsExportAndImportAndSayWhatTheyDid() throws Exception {
    var config = temporary.resolve("flywheel.conf");
    Files.writeString(config, RELAY);
    var data = temporary.resolve("var");
    var spool = new SpoolAtRest(new FileDisk(), data.resolve("spool"));
    for (var mail : mails()) {
      spool.put(mail.envelope(), mail.octets());
    }
    var to = temporary.resolve("out");
    var file = config.toString();
    assertThat(run("spool", "export", "--config", file)).isEqualTo(ExitCode.USAGE);
    assertThat(run("spool", "export", "--config", file, "--domain", "many.test", "--to", "" + to))
        .isZero();
    assertThat(out.toString()).startsWith("1 transaction written to " + to);
    assertThat(run("spool", "export", "--all", "--config", file, "--to", "" + to))
        .isEqualTo(ExitCode.CANNOT_CREATE);
    assertThat(err.toString()).contains("exists already");
    assertThat(run("spool", "export", "--all", "--force", "--config", file, "--to", "" + to))
        .isZero();
    assertThat(Files.getPosixFilePermissions(to.resolve(id(4) + ".eml")))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    assertThat(run("spool", "export", "" + id(9), "--config", file, "--to", "" + to))
        .isEqualTo(ExitCode.DATA);

    var other = temporary.resolve("other").toString();
    Files.writeString(to.resolve("new.eml"), "Subject: new\n\n.dot");
    assertThat(run("spool", "import", "" + to, "--config", file, "--data", other))
        .isEqualTo(ExitCode.DATA);
    assertThat(out.toString()).endsWith("4 imported, 0 were there already, 1 refused\n");
    var given = new String[] {"--from", "", "--to", "a@x.test", "--to", "b@x.test"};
    assertThat(
            run(
                "spool",
                "import",
                "" + to.resolve("new.eml"),
                "--config",
                file,
                "--data",
                other,
                given[0],
                given[1],
                given[2],
                given[3],
                given[4],
                given[5],
                "--json"))
        .isZero();
    assertThat(out.toString()).endsWith("{\"imported\":1,\"skipped\":0,\"refused\":0}\n");
    assertThat(run("spool", "list", "--config", file, "--data", other)).isZero();
    assertThat(out.toString()).contains("  22  0  new  <>  <b@x.test>");
  }

  @Test
  void spoolOfARunningServerIsNotWrittenTo() throws Exception {
    var config = temporary.resolve("flywheel.conf");
    Files.writeString(config, RELAY);
    Files.writeString(temporary.resolve("a.eml"), "Subject: a\r\n");
    var data = temporary.resolve("var");
    new SpoolAtRest(new FileDisk(), data.resolve("spool"))
        .open(
            (spool, scheduler) ->
                assertThat(
                        run(
                            "spool",
                            "import",
                            "" + temporary.resolve("a.eml"),
                            "--from",
                            "a@b",
                            "--to",
                            "b@c",
                            "--config",
                            "" + config))
                    .isEqualTo(ExitCode.TEMPORARY));
    assertThat(err.toString()).contains("a server runs on this spool; stop it first.");
  }
}
