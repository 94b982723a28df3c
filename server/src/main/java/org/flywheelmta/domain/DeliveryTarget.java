package org.flywheelmta.domain;

import java.net.InetSocketAddress;

/**
 * Where a session goes.
 *
 * @param domain name of the domain record, by which the method looks up its options
 * @param host name of the host, for logs
 * @param address resolved address and port
 */
public record DeliveryTarget(String domain, String host, InetSocketAddress address) {}
