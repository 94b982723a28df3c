package org.flywheelmta.net;

import java.net.SocketAddress;

/**
 * How a netlistener listens.
 *
 * @param kind of the listener, such as {@code esmtp_listener}
 * @param name by which logs and events know it: its address as configured
 * @param address where it listens
 * @param backlog how many connections the system queues ({@code listen_backlog})
 * @param sessions how many connections may be open at once ({@code listener_sessions})
 * @param inputLimitBytes how much unread input a connection gathers before reading pauses
 * @param memoryBytes how much its connections may take together ({@code listener_memory}); {@link
 *     Long#MAX_VALUE} for no limit of its own
 */
public record ListenerSettings(
    String kind,
    String name,
    SocketAddress address,
    int backlog,
    int sessions,
    int inputLimitBytes,
    long memoryBytes) {}
