package org.flywheelmta.bench.bare;

/** What bounds the bare loop; octets unless the name says otherwise. */
final class Limits {
  static final int LOOPS = 2;
  static final int SESSIONS = 4_096;
  static final int BACKLOG = 1_024;
  static final int COMMAND_LINE = 2_048;
  static final int RECIPIENTS = 1_000;
  static final int MAIL = 64 << 20;

  /** Commands that came with the end of the data, kept until the letter is safe. */
  static final int AHEAD = 64 << 10;

  /** Buffers that letters of one loop may hold before its sessions wait for their 354. */
  static final long HELD_PER_LOOP = 128L << 20;

  /** Connections of one loop to the next server. */
  static final int CONNECTIONS_PER_LOOP = 10;

  /** More letters than this must wait for each connection before one more takes part. */
  static final int WAITING_PER_CONNECTION = 8;

  static final int REPLY_LINE = 1_024;
  static final long RECONNECT_MILLIS = 100;

  /** The usual size of the file. A batch takes a quarter of a file, and one letter more. */
  static final int FILE = 256 << 20;

  private Limits() {}
}
