/**
 * Benchmarks of what SMTP reads, in the package of the server's classes: those are nobody else's
 * business, so the benchmark comes to them and no door is opened for it.
 */
@NullMarked
package org.flywheelmta.smtp;

import org.jspecify.annotations.NullMarked;
