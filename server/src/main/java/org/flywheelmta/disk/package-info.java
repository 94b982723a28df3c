/**
 * Floor 2: the one door to files. {@link org.flywheelmta.disk.Disk} and {@link
 * org.flywheelmta.disk.DiskFile} say what the server needs of a file system, no more; the real one
 * speaks to the machine's, the simulated one (among the tests) forgets what was not forced.
 *
 * <p>Every method blocks, so it is called on workers and thread pools, never on a scheduler. What
 * goes wrong is a {@link org.flywheelmta.disk.DiskFailure}, which callers must answer. It may use
 * {@code base}; it owns no thread.
 */
@NullMarked
package org.flywheelmta.disk;

import org.jspecify.annotations.NullMarked;
