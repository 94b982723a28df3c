package org.flywheelmta.main;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.flywheelmta.base.MessageId;
import org.flywheelmta.base.NonThreadSafe;
import org.flywheelmta.disk.DiskFailure;
import org.flywheelmta.disk.SimDisk;
import org.flywheelmta.spool.SpoolReader;
import org.jspecify.annotations.Nullable;

/**
 * Who the recipients of messages are, as whoever reads the spool beside the server finds out: a
 * server knows no more than the ids of most that wait. It changes nothing.
 */
@NonThreadSafe
final class RecipientsOfSpool {
  private final SimDisk disk;
  private final List<Path> volumes;
  private final Map<MessageId, String> known = new HashMap<>();

  RecipientsOfSpool(SimDisk disk, List<Path> volumes) {
    this.disk = disk;
    this.volumes = volumes;
  }

  /** The recipients of messages that wait; null where the spool does not have them all yet. */
  @Nullable Set<String> recipients(Set<MessageId> ids) {
    if (!known.keySet().containsAll(ids)) {
      read();
    }
    var recipients = new HashSet<String>();
    for (var id : ids) {
      var recipient = known.get(id);
      if (recipient == null) {
        return null;
      }
      recipients.add(recipient);
    }
    return recipients;
  }

  private void read() {
    try {
      SpoolReader.read(disk.copy(), volumes)
          .forEachWaiting(each -> known.put(each.id(), each.recipient().toString()));
    } catch (DiskFailure failure) {
      throw new IllegalStateException("the spool of a simulation cannot be read", failure);
    }
  }
}
