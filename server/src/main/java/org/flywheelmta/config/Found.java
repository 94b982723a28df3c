package org.flywheelmta.config;

import java.util.Optional;
import org.flywheelmta.base.ReadOnlyThreadSafe;

/**
 * The value of an option and where it comes from.
 *
 * @param scope the scope that sets it, such as {@code binding "b" > domain "example.com"}, or
 *     {@code default}
 * @param at where it was written; empty for a default
 */
@ReadOnlyThreadSafe
public record Found<T>(T value, String scope, Optional<Position> at) {}
