package org.flywheelmta.main;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicBoolean;
import org.flywheelmta.base.OperatorLog;

/**
 * SIGINT and SIGTERM drain and stop; a second one stops at once.
 *
 * <p>The JDK offers signals in {@code sun.misc} alone, which the compiler warns of by name; the
 * class is looked up, so that a runtime without it says so in one line. A shutdown hook would not
 * do: it cannot tell a second signal.
 */
final class Signals {
  private static final int SIGNAL_EXIT = 128;

  private Signals() {}

  static void install(Runnable stop, OperatorLog log) {
    var stopping = new AtomicBoolean();
    for (var name : new String[] {"INT", "TERM"}) {
      int code = SIGNAL_EXIT + (name.equals("INT") ? 2 : 15);
      handle(
          name,
          () -> {
            if (stopping.compareAndSet(false, true)) {
              log.info("Stopping: nothing more is accepted; a second signal stops at once.");
              stop.run();
            } else {
              Runtime.getRuntime().halt(code);
            }
          },
          log);
    }
    handle("HUP", () -> log.warning("SIGHUP: the configuration is read at start only."), log);
  }

  private static void handle(String name, Runnable action, OperatorLog log) {
    try {
      var signal = Class.forName("sun.misc.Signal");
      var handler = Class.forName("sun.misc.SignalHandler");
      InvocationHandler invocation =
          (proxy, method, arguments) ->
              switch (method.getName()) {
                case "handle" -> {
                  action.run();
                  yield null;
                }
                case "hashCode" -> System.identityHashCode(proxy);
                case "equals" -> arguments != null && proxy == arguments[0];
                default -> name;
              };
      var proxy =
          Proxy.newProxyInstance(
              Signals.class.getClassLoader(), new Class<?>[] {handler}, invocation);
      signal
          .getMethod("handle", signal, handler)
          .invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
    } catch (ReflectiveOperationException missing) {
      log.warning("This Java cannot handle SIG" + name + ": the server stops without a drain.");
    }
  }
}
