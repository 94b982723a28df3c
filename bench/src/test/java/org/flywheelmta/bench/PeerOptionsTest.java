package org.flywheelmta.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Which peers take part. */
final class PeerOptionsTest {
  /** A peer that starts nothing. */
  private record Other(String name, Optional<String> missing) implements Peer {
    static Other there(String name) {
      return new Other(name, Optional.empty());
    }

    @Override
    public String version() {
      return "1";
    }

    @Override
    public boolean isSlow() {
      return false;
    }

    @Override
    public boolean takes(RelayCase relayCase) {
      return true;
    }

    @Override
    public void prepare() {}

    @Override
    public Relay start(Site site, int sink, boolean delivers) {
      throw new UnsupportedOperationException();
    }
  }

  @Command
  private static final class Some {
    @Mixin final PeerOptions peers = new PeerOptions();
  }

  private static List<Peer> prepared(List<Peer> others, String... arguments) throws Exception {
    var some = new Some();
    var line = new CommandLine(some);
    line.parseArgs(arguments);
    return some.peers.prepared(others, line.getCommandSpec());
  }

  @Test
  void thoseThatAreNamedAndThereTakePart() throws Exception {
    var gone = new Other("gone", Optional.of("it is not there"));
    List<Peer> others = List.of(Other.there("a"), gone, Other.there("b"));
    assertThat(prepared(others, "--peer", "b", "--peer", "gone")).containsExactly(others.getLast());
    assertThat(prepared(others, "--peer", "b", "--peer", "a"))
        .containsExactly(others.getFirst(), others.getLast());
  }

  @Test
  void anErrorOfUsageNamesWhatThereIs() {
    List<Peer> others = List.of(Other.there("a"));
    assertThatThrownBy(() -> prepared(others, "--peer", "c"))
        .isInstanceOf(CommandLine.ParameterException.class)
        .hasMessage("--peer is one of flywheel, a");
    assertThatThrownBy(() -> prepared(others, "--peer", "a", "--variant", "a=-Xmx1g"))
        .isInstanceOf(CommandLine.ParameterException.class)
        .hasMessage("two peers have one name: flywheel, a, a");
  }

  @Test
  void nothingIsMeasuredWhereNobodyIsLeft() {
    List<Peer> others = List.of(new Other("gone", Optional.of("it is not there")));
    assertThatThrownBy(() -> prepared(others, "--peer", "gone")).isInstanceOf(Unavailable.class);
  }
}
