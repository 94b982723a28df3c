/**
 * Floor 5: look-ups in the domain name system, for whoever needs a route, a policy or a key.
 *
 * <p>Others see the {@link org.flywheelmta.dns.Resolver}: a {@code Question} goes in from any
 * scheduler, and an {@code Answer} comes back on it. Answers are values; nothing is thrown and
 * nobody waits.
 *
 * <p>It may use the floors below, and sees no other room of its own floor.
 */
@NullMarked
package org.flywheelmta.dns;

import org.jspecify.annotations.NullMarked;
