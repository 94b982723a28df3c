package org.flywheelmta.torture;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/** The three journals of a run that a test writes by hand, with times in milliseconds. */
final class RunFolder implements Closeable {
  static final Judge JUDGE = new Judge(Duration.ofMillis(10), Duration.ofMillis(40), true);

  private final Path folder;
  private final Journal ledger;
  private final Journal sink;
  private final Journal kills;
  private int transactions;

  RunFolder(Path folder) throws IOException {
    this.folder = folder;
    ledger = Journal.open(folder.resolve(History.LEDGER));
    sink = Journal.open(folder.resolve(History.SINK_RECORD));
    kills = Journal.open(folder.resolve(History.KILL_RECORD));
  }

  static InetSocketAddress freePort() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  }

  static Load load(int sessions, long messages, boolean pipelining, long seed) {
    return new Load(
        sessions,
        messages,
        Duration.ofSeconds(30),
        0,
        3,
        0.1,
        4,
        SizeMix.mixed(),
        pipelining,
        Duration.ofSeconds(10),
        seed);
  }

  static String to(String id, int index) {
    return Address.recipient(id, index, false, 0);
  }

  void sent(String id, int recipients) throws IOException {
    ledger.write("sent 1 " + id + " 100 aa " + String.join(",", all(id, recipients)));
  }

  void acknowledged(String id, int recipients) throws IOException {
    ledger.write("acknowledged 2 " + id + ' ' + String.join(",", all(id, recipients)));
  }

  void ledger(String words) throws IOException {
    ledger.write(words);
  }

  private static List<String> all(String id, int recipients) {
    return java.util.stream.IntStream.range(0, recipients).mapToObj(i -> to(id, i)).toList();
  }

  void delivered(String id, long openedMillis, long saidMillis, String... recipients)
      throws IOException {
    said(took(id, "100 aa", openedMillis, recipients), saidMillis, 250);
  }

  String took(String id, String print, long openedMillis, String... recipients) throws IOException {
    String key = "1." + ++transactions;
    sink.write(
        "took %s %d %d %s %s s@x %s"
            .formatted(
                key,
                openedMillis * 1000,
                openedMillis * 1000,
                id,
                print,
                String.join(",", recipients)));
    return key;
  }

  void said(String key, long millis, int code) throws IOException {
    sink.write("said " + key + ' ' + millis * 1000 + ' ' + code);
  }

  void sink(String words) throws IOException {
    sink.write(words);
  }

  void kill(long sentMillis, long goneMillis) throws IOException {
    kills.write("kill " + sentMillis * 1000 + ' ' + goneMillis * 1000);
  }

  Verdict verdict(String... waiting) throws IOException {
    var history = History.in(folder);
    history.finish();
    return JUDGE.judge(history, waiting.length == 0 ? null : Set.of(waiting));
  }

  @Override
  public void close() throws IOException {
    ledger.close();
    sink.close();
    kills.close();
  }
}
