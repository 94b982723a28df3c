package org.flywheelmta.main;

import java.util.Collections;
import java.util.SequencedMap;
import java.util.TreeMap;
import org.flywheelmta.message.Tag;
import org.jspecify.annotations.Nullable;

/** What the fields of an envelope are called where people read them. */
final class FieldNames {
  private static final SequencedMap<Integer, String> NAMES = names();

  private FieldNames() {}

  /** The name of a tag; null for one that this version does not know. */
  static @Nullable String of(int tag) {
    return NAMES.get(tag);
  }

  private static SequencedMap<Integer, String> names() {
    var names = new TreeMap<Integer, String>();
    names.put(Tag.BODY, "body");
    names.put(Tag.SMTPUTF8, "smtputf8");
    names.put(Tag.DSN_RET, "ret");
    names.put(Tag.DSN_ENVID, "envid");
    names.put(Tag.DSN_NOTIFY, "notify");
    names.put(Tag.DSN_ORCPT, "orcpt");
    names.put(Tag.ADDRESS_TYPE, "address_type");
    names.put(Tag.CONTENT_KIND, "content_kind");
    names.put(Tag.OVERLAY, "overlay");
    names.put(Tag.CONTEXT, "context");
    names.put(Tag.PRIORITY, "priority");
    names.put(Tag.NOT_BEFORE, "not_before");
    names.put(Tag.EXPIRY, "expiry");
    names.put(Tag.IDENTITY, "identity");
    names.put(Tag.BINDING, "binding");
    names.put(Tag.ROUTE, "route");
    names.put(Tag.BATCH, "batch");
    names.put(Tag.PEER, "peer");
    names.put(Tag.LISTENER, "listener");
    names.put(Tag.SETTLES, "settles");
    names.put(Tag.DELAY_TOLD, "delay_told");
    names.put(Tag.DEDUPE_KEY, "dedupe_key");
    return Collections.unmodifiableSequencedMap(names);
  }
}
