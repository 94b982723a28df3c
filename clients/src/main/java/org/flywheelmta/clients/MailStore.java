package org.flywheelmta.clients;

import java.io.IOException;
import java.util.List;

/** Where a {@link Receiver} puts what it takes. Any thread may begin a mail. */
public interface MailStore {
  /** Begins a mail. */
  Writing begin(String sender, List<String> recipients) throws IOException;

  /** A mail that is written; for one thread, ended by exactly one of its last two. */
  interface Writing {
    /** Adds a line without its line end; the bytes are the caller's. */
    void line(byte[] bytes, int offset, int length) throws IOException;

    /** It was taken. */
    void keep() throws IOException;

    /** It was not. */
    void drop();
  }

  /** Keeps nothing. */
  static MailStore none() {
    return (sender, recipients) ->
        new Writing() {
          @Override
          public void line(byte[] bytes, int offset, int length) {}

          @Override
          public void keep() {}

          @Override
          public void drop() {}
        };
  }
}
