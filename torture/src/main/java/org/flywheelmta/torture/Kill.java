package org.flywheelmta.torture;

/**
 * One SIGKILL: the signal was sent after the first stamp, and the process had ended by the second.
 */
record Kill(long sentMicros, long goneMicros) {}
