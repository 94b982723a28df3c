package org.flywheelmta.bench.bare;

import java.io.IOException;
import java.util.List;

/** Where letters become safe. For the committer's thread. */
interface CommitDoor extends AutoCloseable {
  /**
   * Returns once all of the letters are on stable storage. It neither keeps nor releases them.
   *
   * @throws IOException where not all of them are; which ones is unknown
   */
  void commit(List<Letter> letters) throws IOException;

  @Override
  void close() throws IOException;
}
