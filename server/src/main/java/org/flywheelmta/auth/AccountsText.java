package org.flywheelmta.auth;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.SequencedMap;
import java.util.TreeMap;
import org.flywheelmta.base.ReadOnlyThreadSafe;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * What an accounts file holds; {@code docs/accounts.md} describes it.
 *
 * @param secret in base64, for the salts of names that nobody has
 * @param accounts by name, in the order of names
 */
@ReadOnlyThreadSafe
public record AccountsText(String secret, SequencedMap<String, Account> accounts) {
  /** The most accounts of one file. */
  public static final int MOST_ACCOUNTS = 1_000_000;

  static final int SECRET_OCTETS = 32;

  private static final String FORMAT = "flywheel-accounts";
  private static final int VERSION = 1;
  private static final int MOST_ROLES = 100;
  private static final JsonFactory FACTORY =
      JsonFactory.builder().rootValueSeparator((String) null).build();

  public AccountsText {
    accounts = Collections.unmodifiableSequencedMap(new TreeMap<>(accounts));
  }

  /** What became of reading one. */
  @ReadOnlyThreadSafe
  public sealed interface Read {
    /** It is one. */
    record Good(AccountsText text) implements Read {}

    /**
     * It is none.
     *
     * @param why one sentence, with the number of the line
     */
    record Bad(String why) implements Read {}
  }

  /** The same with an account more, or in the place of one. */
  public AccountsText with(Account account) {
    var more = new TreeMap<>(accounts);
    more.put(account.name(), account);
    return new AccountsText(secret, more);
  }

  /** The same without an account. */
  public AccountsText without(String name) {
    var fewer = new TreeMap<>(accounts);
    fewer.remove(name);
    return new AccountsText(secret, fewer);
  }

  byte[] secretOctets() {
    return Base64.getDecoder().decode(secret);
  }

  /** The octets of the file. */
  public byte[] print() {
    var octets = new ByteArrayOutputStream();
    try (var json = FACTORY.createGenerator(ObjectWriteContext.empty(), octets)) {
      json.writeStartObject();
      json.writeStringProperty("format", FORMAT);
      json.writeNumberProperty("version", VERSION);
      json.writeStringProperty("secret", secret);
      json.writeEndObject();
      json.writeRaw('\n');
      accounts.values().forEach(account -> print(account, json));
    }
    return octets.toByteArray();
  }

  private static void print(Account account, JsonGenerator json) {
    json.writeStartObject();
    json.writeStringProperty("account", account.name());
    json.writeArrayPropertyStart("roles");
    account.roles().forEach(json::writeString);
    json.writeEndArray();
    for (var keys : account.keys()) {
      json.writeStringProperty(property(keys.hash()), keys.print());
    }
    json.writeEndObject();
    json.writeRaw('\n');
  }

  private static String property(ScramHash hash) {
    return "scram-" + hash.word().toLowerCase(Locale.ROOT);
  }

  /** Reads the octets of a file. */
  public static Read parse(byte[] octets) {
    String secret = null;
    var accounts = new TreeMap<String, Account>();
    int from = 0;
    for (int line = 1; from < octets.length; line++) {
      int end = from;
      while (end < octets.length && octets[end] != '\n') {
        end++;
      }
      if (end == octets.length) {
        return new Read.Bad("line " + line + " is cut off");
      }
      if (secret == null) {
        secret = header(octets, from, end - from);
        if (secret == null) {
          return new Read.Bad("line 1 is not the header of an accounts file of version 1");
        }
      } else {
        var account = account(octets, from, end - from);
        if (account == null) {
          return new Read.Bad("line " + line + " is no account");
        }
        if (accounts.put(account.name(), account) != null) {
          return new Read.Bad("line " + line + " has an account that was there before");
        }
        if (accounts.size() > MOST_ACCOUNTS) {
          return new Read.Bad("there are more than " + MOST_ACCOUNTS + " accounts");
        }
      }
      from = end + 1;
    }
    return secret == null
        ? new Read.Bad("it is empty")
        : new Read.Good(new AccountsText(secret, accounts));
  }

  private static @Nullable String header(byte[] octets, int from, int length) {
    try (var json = FACTORY.createParser(ObjectReadContext.empty(), octets, from, length)) {
      String format = "";
      String secret = "";
      int version = 0;
      if (json.nextToken() != JsonToken.START_OBJECT) {
        return null;
      }
      while (json.nextToken() == JsonToken.PROPERTY_NAME) {
        var property = json.currentName();
        json.nextToken();
        switch (property) {
          case "format" -> format = json.getString();
          case "secret" -> secret = json.getString();
          case "version" -> version = json.getIntValue();
          default -> json.skipChildren();
        }
      }
      var decoded = secret == null ? null : SaslText.base64(secret);
      boolean good =
          json.currentToken() == JsonToken.END_OBJECT
              && json.nextToken() == null
              && FORMAT.equals(format)
              && version == VERSION
              && decoded != null
              && decoded.length >= SECRET_OCTETS / 2;
      return good ? secret : null;
    } catch (JacksonException malformed) {
      return null;
    }
  }

  private static @Nullable Account account(byte[] octets, int from, int length) {
    try (var json = FACTORY.createParser(ObjectReadContext.empty(), octets, from, length)) {
      String name = null;
      List<String> roles = List.of();
      var keys = new ArrayList<ScramKeys>();
      if (json.nextToken() != JsonToken.START_OBJECT) {
        return null;
      }
      while (json.nextToken() == JsonToken.PROPERTY_NAME) {
        var property = json.currentName();
        json.nextToken();
        switch (property) {
          case "account" -> name = json.getString();
          case "roles" -> roles = roles(json);
          case "scram-sha-256" -> add(ScramHash.SHA_256, json.getString(), keys);
          case "scram-sha-1" -> add(ScramHash.SHA_1, json.getString(), keys);
          default -> json.skipChildren();
        }
      }
      boolean good =
          json.currentToken() == JsonToken.END_OBJECT
              && json.nextToken() == null
              && name != null
              && name.equals(SaslText.name(name))
              && !keys.isEmpty();
      return good && name != null ? new Account(name, roles, keys) : null;
    } catch (JacksonException | IllegalArgumentException malformed) {
      return null;
    }
  }

  private static List<String> roles(JsonParser json) {
    var roles = new ArrayList<String>();
    if (json.currentToken() == JsonToken.START_ARRAY) {
      while (json.nextToken() == JsonToken.VALUE_STRING && roles.size() <= MOST_ROLES) {
        roles.add(json.getString());
      }
    }
    if (json.currentToken() != JsonToken.END_ARRAY) {
      throw new IllegalArgumentException("no list of roles");
    }
    return roles;
  }

  private static void add(ScramHash hash, @Nullable String text, List<ScramKeys> keys) {
    var parsed = text == null ? null : ScramKeys.parse(hash, text);
    if (parsed == null) {
      throw new IllegalArgumentException("no keys");
    }
    keys.add(parsed);
  }
}
