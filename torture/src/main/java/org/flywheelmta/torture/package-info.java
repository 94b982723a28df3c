/** Generator, sink and killer, which judge a server from outside by its promises. */
@NullMarked
package org.flywheelmta.torture;

import org.jspecify.annotations.NullMarked;
