/** Tests of the benchmark of SMTP's classes. */
@NullMarked
package org.flywheelmta.smtp;

import org.jspecify.annotations.NullMarked;
