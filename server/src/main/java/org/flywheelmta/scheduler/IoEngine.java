package org.flywheelmta.scheduler;

import io.netty.channel.IoHandlerFactory;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringIoHandler;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How schedulers wait for I/O: option {@code io_engine}. */
public enum IoEngine {
  /** Linux epoll through Netty's native library. */
  EPOLL("epoll"),
  /**
   * Linux io_uring through Netty's native library, by request alone: kernels differ in what they
   * can do, and containers often forbid it. Its rings have no buffers of their own, so a connection
   * that waits for its peer pins none.
   */
  IO_URING("io_uring"),
  /** The JDK's selector; works everywhere. */
  NIO("nio");

  // With a multishot accept, a pause after a failed accept does not hold: the next accept is
  // submitted at once, and fails at once, for as long as there are no file descriptors.
  private static final String MULTISHOT_ACCEPT = "io.netty.iouring.acceptMultiShotEnabled";

  static {
    // Netty reads it when the class that knows io_uring is loaded, which happens from here on.
    if (System.getProperty(MULTISHOT_ACCEPT) == null) {
      System.setProperty(MULTISHOT_ACCEPT, "false");
    }
  }

  private final String word;

  IoEngine(String word) {
    this.word = word;
  }

  /** What {@code io_engine = auto} means on this machine: epoll, else the JDK's selector. */
  public static IoEngine auto() {
    return EPOLL.lack() == null ? EPOLL : NIO;
  }

  /** Those that this machine has; the one of {@link #auto} is among them. */
  public static List<IoEngine> available() {
    var available = new ArrayList<IoEngine>();
    for (var engine : values()) {
      if (engine.lack() == null) {
        available.add(engine);
      }
    }
    return available;
  }

  /** Why this machine does not have it, as one clause; null when it does. */
  public @Nullable String lack() {
    try {
      return switch (this) {
        case EPOLL -> reason(Epoll.unavailabilityCause());
        case IO_URING -> reason(IoUring.unavailabilityCause());
        case NIO -> null;
      };
    } catch (LinkageError absent) {
      return reason(absent);
    }
  }

  /** The first line of what is at the bottom of it; what lies above only says that it failed. */
  static @Nullable String reason(@Nullable Throwable cause) {
    if (cause == null) {
      return null;
    }
    var root = cause;
    for (var next = cause.getCause(); next != null && next != root; next = root.getCause()) {
      root = next;
    }
    var text = String.valueOf(root.getMessage() == null ? root : root.getMessage()).strip();
    int end = text.indexOf('\n');
    return (end < 0 ? text : text.substring(0, end)).strip();
  }

  IoHandlerFactory ioHandlerFactory() {
    return switch (this) {
      case EPOLL -> EpollIoHandler.newFactory();
      case IO_URING -> IoUringIoHandler.newFactory();
      case NIO -> NioIoHandler.newFactory();
    };
  }

  /** The word for it in the configuration, in logs and on the command line. */
  @Override
  public String toString() {
    return word;
  }
}
