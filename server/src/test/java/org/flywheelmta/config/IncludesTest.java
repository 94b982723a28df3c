package org.flywheelmta.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Files that take in other files. */
final class IncludesTest {
  @Test
  void anIncludeStandsForTheTextOfItsFile() {
    var files =
        new MemoryConfigFiles()
            .with(Configured.FILE, "domain a { include \"parts/a.conf\" }\nreadonly_include b.conf")
            .with("parts/a.conf", "retry_interval = 1\ninclude 'more.conf'")
            .with("parts/more.conf", "max_outbound_connections = 7")
            .with("b.conf", "domain a { gateway = \"h:1\" }");

    var domain = Configured.good(Configured.load(Sample.SCHEMA, files)).domain("a");
    assertThat(domain.get(Sample.CONNECTIONS)).isEqualTo(7);
    assertThat(domain.get(Sample.GATEWAY)).contains(new HostPort("h", 1));
    assertThat(domain.find(Sample.CONNECTIONS).at()).hasToString("Optional[parts/more.conf:1:1]");
  }

  @Test
  void aFolderIsReadInOrderWithoutHiddenFilesAndFolders() {
    var files =
        new MemoryConfigFiles()
            .with("etc/flywheel.conf", "include conf.d")
            .with("etc/conf.d/10-a.conf", "ehlo_hostname = a log_level = debug")
            .with("etc/conf.d/20-b.conf", "ehlo_hostname = b")
            .with("etc/conf.d/.hidden", "wrong")
            .with("etc/conf.d/sub/c.conf", "wrong");

    var loaded = new Loader(Sample.SCHEMA, files, "etc/flywheel.conf", List.of()).load(7);
    var generation = Configured.good(loaded);
    assertThat(generation.number()).isEqualTo(7);
    assertThat(generation.global().get(Sample.EHLO)).isEqualTo("b");
    assertThat(generation.global().get(Sample.LEVEL)).isEqualTo(Sample.Level.DEBUG);
  }

  @Test
  void anErrorInAnIncludedFileNamesThatFile() {
    var files =
        new MemoryConfigFiles()
            .with(Configured.FILE, "include a.conf\nlog_level = x")
            .with("a.conf", "\ndomain x { a = b } }");

    assertThat(failed(files))
        .isEqualTo(
            """
            flywheel.conf:2:13: log_level: "x" is not known; it takes one of debug, info, error, such as debug
            log_level = x
                        ^
            a.conf:2:12: unknown option "a" in domain "x"
            domain x { a = b } }
                       ^
            a.conf:2:20: this "}" closes nothing
            domain x { a = b } }
                               ^\
            """);
  }

  @Test
  void filesThatIncludeEachOtherAreAnError() {
    var files =
        new MemoryConfigFiles()
            .with(Configured.FILE, "include a.conf")
            .with("a.conf", "include b.conf")
            .with("b.conf", "log_level = info\ninclude ../a.conf");

    assertThat(failed(files))
        .isEqualTo(
            """
            b.conf:2:9: this include would never end: a.conf includes b.conf includes a.conf
            include ../a.conf
                    ^\
            """);
    assertThat(failed(new MemoryConfigFiles().with(Configured.FILE, "include .")))
        .contains("never end: flywheel.conf includes flywheel.conf");
  }

  @Test
  void aFileMayBeIncludedTwiceWhereItDoesNotLoop() {
    var files =
        new MemoryConfigFiles()
            .with(Configured.FILE, "domain a { include x }\ndomain b { include x }")
            .with("x", "retry_interval = 1");

    assertThat(failed(files)).isEqualTo("no error");
  }

  @Test
  void filesWithinFilesHaveALimit() {
    var files = new MemoryConfigFiles().with(Configured.FILE, "include f0");
    for (int i = 0; i < 30; i++) {
      files.with("f" + i, "include f" + (i + 1));
    }

    assertThat(failed(files))
        .isEqualTo(
            """
            f14:1:9: more than 16 files within files
            include f15
                    ^\
            """);
  }

  @Test
  void filesInAllHaveALimit() {
    var files =
        new MemoryConfigFiles()
            .with(Configured.FILE, "include empty\n".repeat(Limits.FILES))
            .with("empty", "");

    assertThat(failed(files)).startsWith("flywheel.conf:1000:9: more than 1000 files in all");
  }

  @Test
  void bytesHaveALimit() {
    var files =
        new MemoryConfigFiles()
            .with(Configured.FILE, "include long\n" + "include half\n".repeat(10))
            .with("half", "#".repeat(Limits.FILE_BYTES / 2))
            .with("long", new byte[Limits.FILE_BYTES + 1]);

    assertThat(failed(files))
        .startsWith("flywheel.conf:1:9: \"long\" is longer than 16777216 bytes\n")
        .contains("flywheel.conf:9:9: all files together are longer than 67108864 bytes");
  }

  private static String failed(ConfigFiles files) {
    return Configured.failed(Configured.load(Sample.SCHEMA, files));
  }
}
