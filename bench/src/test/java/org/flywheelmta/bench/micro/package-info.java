/** Each benchmark is called once, so that it runs when somebody wants its figures. */
@NullMarked
package org.flywheelmta.bench.micro;

import org.jspecify.annotations.NullMarked;
