package org.flywheelmta.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.flywheelmta.config.ConfigFiles.Result;
import org.junit.jupiter.api.Test;

/** What every door to configuration files keeps to; a subclass says how files come behind it. */
public abstract class ConfigFilesContract {
  /** A door behind which there are these files, by path below {@link #root}. */
  protected abstract ConfigFiles files(Map<String, String> texts);

  /** What stands before the paths, empty or ending in a slash. */
  protected abstract String root();

  private ConfigFiles sample() {
    return files(Map.of("etc/a.conf", "a", "etc/d/b.conf", "b", "etc/d/s/c.conf", "c"));
  }

  @Test
  protected void aFileIsReadUnderOneName() {
    var files = sample();
    var direct = file(files.read(root() + "etc/a.conf", null));
    var around = file(files.read("../a.conf", file(files.read("d/b.conf", direct.name())).name()));

    assertThat(around.name()).isEqualTo(direct.name());
    assertThat(StandardCharsets.UTF_8.decode(around.bytes()).toString()).isEqualTo("a");
  }

  @Test
  protected void theEntriesOfAFolderCanBeRead() {
    var files = sample();
    var including = file(files.read(root() + "etc/a.conf", null)).name();

    assertThat(files.read("d", including))
        .isInstanceOfSatisfying(
            Result.Folder.class,
            folder -> {
              assertThat(folder.paths()).hasSize(2);
              for (var path : folder.paths()) {
                if (path.endsWith("/s")) {
                  assertThat(files.read(path, including)).isInstanceOf(Result.Folder.class);
                } else {
                  assertThat(path).endsWith("/b.conf");
                  assertThat(file(files.read(path, including)).bytes().remaining()).isEqualTo(1);
                }
              }
            });
  }

  @Test
  protected void whatIsNotThereIsUnreadable() {
    assertThat(sample().read(root() + "etc/none", null)).isInstanceOf(Result.Unreadable.class);
  }

  private static Result.File file(Result result) {
    assertThat(result).isInstanceOf(Result.File.class);
    return (Result.File) result;
  }
}
