package org.flywheelmta.sim;

import io.netty.channel.Channel;
import io.netty.channel.DefaultChannelPipeline;
import java.io.IOException;
import org.flywheelmta.base.NonThreadSafe;

/** A pipeline in which an exception that nobody handles is a fault, unless the network made it. */
@NonThreadSafe
final class SimPipeline extends DefaultChannelPipeline {
  private final SimEnd end;

  /** A channel that knows its world. */
  interface SimEnd {
    SimPlatform machine();
  }

  <C extends Channel & SimEnd> SimPipeline(C channel) {
    super(channel);
    this.end = channel;
  }

  @Override
  protected void onUnhandledInboundException(Throwable cause) {
    if (!(cause instanceof IOException)) {
      end.machine().world().onFault(channel(), cause);
    }
  }
}
