/**
 * Floor 5: look-ups in the domain name system, for whoever needs a route, a policy or a key.
 *
 * <p>Others see the {@link org.flywheelmta.dns.Resolver}: a {@code Question} goes in from any
 * scheduler, and an {@code Answer} comes back on it. Answers are values; nothing is thrown and
 * nobody waits.
 *
 * <p>Behind it {@link org.flywheelmta.dns.CachingResolver} keeps everything on one scheduler, its
 * home: the cache, the look-ups under way, of which there is one for each question however many ask
 * it, the pace of queries and the servers. What a look-up sends goes through the {@link
 * org.flywheelmta.dns.Exchange}, the door to name servers: {@link
 * org.flywheelmta.dns.NettyExchange} over sockets, and simulated ones among the tests. Messages are
 * checked before anything decodes them, and read with bounds; a message that is not good is a value
 * like any other failure.
 *
 * <p>It may use the floors below and Netty's resolver, and sees no other room of its own floor.
 */
@NullMarked
package org.flywheelmta.dns;

import org.jspecify.annotations.NullMarked;
