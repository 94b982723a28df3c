package org.flywheelmta.torture;

import java.time.Duration;

/**
 * What an {@link Offering} does with mails that nobody takes at once.
 *
 * @param waitingMax how many composed mails may wait for their time or for a session; an arrival
 *     beyond it is not offered, and counted
 * @param retriesMax how often a mail that was refused with 4xx is offered again
 * @param retryAfter how long after the refusal
 */
public record Patience(int waitingMax, int retriesMax, Duration retryAfter) {}
