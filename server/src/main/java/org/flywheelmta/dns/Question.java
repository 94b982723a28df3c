package org.flywheelmta.dns;

import org.flywheelmta.base.ReadOnlyThreadSafe;

/**
 * What is asked for.
 *
 * @param name in A-labels and lower case, without a dot at the end; no address
 * @param type of the records
 */
@ReadOnlyThreadSafe
public record Question(String name, RecordType type) {}
