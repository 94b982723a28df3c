package org.flywheelmta.spool;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.List;
import org.flywheelmta.base.ReadOnlyThreadSafe;
import org.flywheelmta.base.TransactionId;
import org.flywheelmta.message.Envelope;
import org.flywheelmta.message.Message;

/** An envelope as it stands in the spool, to be read back again and again. */
@ReadOnlyThreadSafe
public final class EncodedEnvelope {
  private final byte[] payload;

  /**
   * @param messages all recipients of one transaction
   */
  public EncodedEnvelope(List<Message> messages) {
    var encoded = TransactionCodec.encode(UnpooledByteBufAllocator.DEFAULT, messages, 0);
    payload = ByteBufUtil.getBytes(encoded);
    encoded.release();
  }

  /** Decodes it as that of another transaction. */
  public Envelope read(TransactionId id) {
    return TransactionCodec.envelope(id, Unpooled.wrappedBuffer(payload), null);
  }
}
