package org.flywheelmta.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.UnpooledByteBufAllocator;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.flywheelmta.base.TransactionId;
import org.flywheelmta.domain.DeliverySession;
import org.flywheelmta.domain.DeliveryTarget;
import org.flywheelmta.message.Address;
import org.flywheelmta.message.Content;
import org.flywheelmta.message.Fields;
import org.flywheelmta.message.Message;
import org.flywheelmta.message.Transaction;
import org.flywheelmta.net.ConnectionIds;
import org.flywheelmta.net.Connector;
import org.jspecify.annotations.Nullable;

/** A delivery session with everything around it, in the test's thread and time. */
final class ClientRig {
  static final String PLAIN = "Subject: x\r\n\r\nHello\r\n";

  final ClientLoop loop = new ClientLoop();
  final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false, true, false);
  final ClientSource source = new ClientSource();
  final ClientWire wire;
  ClientPolicy policy = ClientPolicy.of("client.example");
  private @Nullable DeliverySession session;
  private int transactions;

  ClientRig(ClientWire.Connect connect) {
    wire = new ClientWire(allocator, connect);
  }

  ClientRig() {
    this(ClientWire.Connect.AT_ONCE);
  }

  /** Opens the session and lets it come as far as it can without the peer. */
  ClientRig open() {
    var delivery = new SmtpDelivery(new Connector(wire, new ConnectionIds()), domain -> policy);
    var address = InetSocketAddress.createUnresolved("peer.example", 25);
    var target = new DeliveryTarget("example.com", "peer.example", address);
    session = delivery.open(loop.scheduler(), target, source);
    loop.run();
    return this;
  }

  /** Sets the two limits of the policy; the rest stays at its default. */
  void limits(int maxDeliveriesPerConnection, int maxRecipientsPerBatch) {
    policy =
        new ClientPolicy(
            policy.ehloHostname(),
            policy.connectTimeoutNanos(),
            policy.ehloTimeoutNanos(),
            policy.mailfromTimeoutNanos(),
            policy.rcpttoTimeoutNanos(),
            policy.bodyTimeoutNanos(),
            policy.rsetTimeoutNanos(),
            policy.idleTimeoutNanos(),
            maxDeliveriesPerConnection,
            maxRecipientsPerBatch,
            policy.maxReplyLine(),
            policy.maxReplyLines(),
            policy.tls());
  }

  DeliverySession session() {
    if (session == null) {
      throw new AssertionError("the session is not open yet");
    }
    return session;
  }

  /** The peer says this, lines separated by {@code |}; returns what the client says to it. */
  String peer(String lines) {
    wire.peerSends((lines.replace("|", "\r\n") + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
    loop.run();
    return said();
  }

  /** What the client said since this was last asked, CRLF shown as {@code |}. */
  String said() {
    return new String(wire.takeSent(), StandardCharsets.ISO_8859_1).replace("\r\n", "|");
  }

  /** Brings the session to where it asks the source, and returns what it says then. */
  String greet(String extensions) {
    open();
    peer("220 peer.example");
    return peer(extensions.isEmpty() ? "250 peer.example" : "250-peer.example|" + extensions);
  }

  /** A batch of equal content to these recipients, waiting in the source. */
  ClientRig mail(String... recipients) {
    return mail(PLAIN, "sender@example.org", Fields.NONE, recipients);
  }

  ClientRig mail(String content, String sender, Fields fields, String... recipients) {
    source.add(batch(content.getBytes(StandardCharsets.ISO_8859_1), sender, fields, recipients));
    return this;
  }

  List<Message> batch(byte[] content, String sender, Fields fields, String... recipients) {
    var shape = shape(content);
    var id = TransactionId.of(1, 2, ++transactions);
    var transaction =
        new Transaction(
            id, 1, Address.of(sender), fields, recipients.length, content.length, shape);
    var bytes = allocator.buffer(Math.max(1, content.length)).writeBytes(content);
    var shared = new Content(bytes, shape, null, 0);
    var batch = new ArrayList<Message>();
    for (var recipient : recipients) {
      batch.add(
          new Message(
              transaction,
              batch.size(),
              Address.of(recipient),
              Fields.NONE,
              Message.Stage.DELIVERING,
              shared.retain()));
    }
    shared.release();
    return batch;
  }

  static Content.Shape shape(byte[] content) {
    boolean dotLines = false;
    boolean eightBit = false;
    for (int i = 0; i < content.length; i++) {
      eightBit |= content[i] < 0;
      dotLines |= content[i] == '.' && (i == 0 || content[i - 1] == '\n');
    }
    boolean line = content.length == 0 || content[content.length - 1] == '\n';
    var text = new String(content, StandardCharsets.ISO_8859_1);
    var header = text.split("\r\n\r\n", 2)[0];
    boolean eightBitHeader = header.chars().anyMatch(octet -> octet > 127);
    return new Content.Shape(dotLines, eightBit, line, eightBitHeader);
  }

  /** The session has ended as it should, and every buffer was given back. */
  void assertOver() {
    loop.run();
    assertThat(source.closed()).as("closed").isTrue();
    source.clear();
    assertThat(allocator.metric().usedHeapMemory()).as("heap buffers held").isZero();
    assertThat(allocator.metric().usedDirectMemory()).as("direct buffers held").isZero();
    assertThat(loop.scheduler().armedEvents()).as("events left armed").isZero();
  }
}
