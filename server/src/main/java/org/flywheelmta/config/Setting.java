package org.flywheelmta.config;

import org.flywheelmta.base.ReadOnlyThreadSafe;

/** The value that one scope gives to one option, of the option's type. */
@ReadOnlyThreadSafe
record Setting(Object value, Position at) {}
