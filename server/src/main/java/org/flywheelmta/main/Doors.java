package org.flywheelmta.main;

import org.flywheelmta.base.OperatorLog;
import org.flywheelmta.disk.Disk;
import org.flywheelmta.dns.Exchange;
import org.flywheelmta.net.Network;
import org.flywheelmta.scheduler.Platform;

/**
 * All that a server touches of the world outside; a simulation has its own.
 *
 * @param platform threads, time and randomness
 * @param disk files
 * @param network sockets
 * @param exchanges queries to name servers
 * @param log what operators read
 */
record Doors(
    Platform platform, Disk disk, Network network, Exchange.Maker exchanges, OperatorLog log) {}
