package org.flywheelmta.domain;

import java.net.InetSocketAddress;
import java.util.Set;
import org.flywheelmta.base.ReadOnlyThreadSafe;

/**
 * By what a host turns out to be this server, so that mail does not go round in it (RFC 5321
 * section 5.1).
 *
 * @param names ours, in lower case
 * @param listeners addresses and ports at which we take mail
 */
@ReadOnlyThreadSafe
public record Ourselves(Set<String> names, Set<InetSocketAddress> listeners) {}
