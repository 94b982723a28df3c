package org.flywheelmta.domain;

import java.net.InetSocketAddress;
import java.util.List;
import org.flywheelmta.base.ReadOnlyThreadSafe;

/**
 * A host that takes the mail of a domain, with what its name was resolved to. A gateway is one too.
 *
 * @param preference the lesser is tried first
 * @param host its name, for logs
 * @param addresses at least one, each with its port, in the order in which they are tried
 */
@ReadOnlyThreadSafe
public record MxRecord(long preference, String host, List<InetSocketAddress> addresses) {}
