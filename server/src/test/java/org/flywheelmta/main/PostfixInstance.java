package org.flywheelmta.main;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/**
 * A Postfix of its own: its configuration, queue and mailbox lie in one folder, and it listens on
 * one port. It speaks SMTPUTF8 in both directions. Only root can start it.
 */
final class PostfixInstance implements AutoCloseable {
  private final Path folder;
  private final PeerPrograms programs;

  private PostfixInstance(Path folder, PeerPrograms programs) {
    this.folder = folder;
    this.programs = programs;
  }

  /** Starts one that keeps what it is sent, whoever it is for. */
  static PostfixInstance keeping(Path folder, int port) throws IOException {
    return start(folder, port, "virtual_mailbox_domains = static:all\n");
  }

  /**
   * Starts one that keeps what it is sent, and tells in its log of each header field, also of those
   * within parts, that it takes for one of {@code patterns}.
   */
  static PostfixInstance watching(Path folder, int port, List<String> patterns) throws IOException {
    Files.createDirectories(folder);
    var checks = folder.resolve("checks");
    var lines = new StringBuilder();
    patterns.forEach(pattern -> lines.append('/').append(pattern).append("/ WARN seen\n"));
    Files.writeString(checks, lines);
    var map = "regexp:" + checks.toAbsolutePath() + "\n";
    return start(
        folder,
        port,
        "virtual_mailbox_domains = static:all\nheader_checks = "
            + map
            + "mime_header_checks = "
            + map
            + "nested_header_checks = "
            + map);
  }

  /** What it has logged so far. */
  String log() throws IOException {
    return Files.readString(folder.resolve("data").resolve("log"), StandardCharsets.ISO_8859_1);
  }

  /** Starts one that sends everything on to a port of this machine. */
  static PostfixInstance relaying(Path folder, int to) throws IOException {
    return start(
        folder,
        RunningServer.freePort(),
        "virtual_mailbox_domains =\nrelayhost = [127.0.0.1]:" + to + "\n");
  }

  /** Starts one that sends on by what further lines of main.cf and of master.cf say. */
  static PostfixInstance sending(Path folder, String main, String master) throws IOException {
    return start(folder, RunningServer.freePort(), "virtual_mailbox_domains =\n" + main, master);
  }

  /** Starts one that keeps what it is sent, with further lines of main.cf. */
  static PostfixInstance keepingBy(Path folder, int port, String main) throws IOException {
    return start(folder, port, "virtual_mailbox_domains = static:all\n" + main);
  }

  /** Where its log lies. */
  Path logFolder() {
    return folder.resolve("data");
  }

  private static PostfixInstance start(Path folder, int port, String more) throws IOException {
    return start(folder, port, more, "");
  }

  private static PostfixInstance start(Path folder, int port, String more, String services)
      throws IOException {
    Files.createDirectories(folder);
    // Postfix works under names of its own, which have to get there.
    for (var open : List.of(folder.toAbsolutePath().getParent(), folder)) {
      Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
    for (var name : List.of("queue", "conf")) {
      Files.createDirectory(folder.resolve(name));
    }
    var users = folder.getFileSystem().getUserPrincipalLookupService();
    Files.setOwner(
        Files.createDirectory(folder.resolve("data")), users.lookupPrincipalByName("postfix"));
    for (var mail : List.of("mail", "mail/new", "mail/cur", "mail/tmp")) {
      Files.setOwner(
          Files.createDirectory(folder.resolve(mail)), users.lookupPrincipalByName("nobody"));
    }
    var conf = folder.resolve("conf");
    Files.writeString(conf.resolve("main.cf"), main(folder) + more);
    Files.writeString(conf.resolve("master.cf"), master(port) + services);
    var instance = new PostfixInstance(folder, new PeerPrograms(folder));
    instance.programs.run("postfix", List.of("-c", conf.toString(), "start"), new byte[0]);
    return instance;
  }

  private static String main(Path folder) {
    return """
        compatibility_level = 3.6
        smtputf8_enable = yes
        queue_directory = %1$s/queue
        data_directory = %1$s/data
        command_directory = /usr/sbin
        daemon_directory = /usr/lib/postfix/sbin
        mail_owner = postfix
        setgid_group = postdrop
        myhostname = postfix.test
        mydestination =
        inet_interfaces = 127.0.0.1
        inet_protocols = ipv4
        mynetworks = 127.0.0.0/8
        smtp_host_lookup = native
        alias_maps =
        maillog_file = %1$s/data/log
        maillog_file_prefixes = %1$s
        virtual_mailbox_base = %1$s
        virtual_mailbox_maps = static:mail/
        virtual_uid_maps = static:65534
        virtual_gid_maps = static:65534
        """
        .formatted(folder.toAbsolutePath());
  }

  private static String master(int port) {
    return """
        127.0.0.1:%d inet n - n - - smtpd
        pickup unix n - n 1 1 pickup
        cleanup unix n - n - 0 cleanup
        qmgr unix n - n 300 1 qmgr
        rewrite unix - - n - - trivial-rewrite
        bounce unix - - n - 0 bounce
        defer unix - - n - 0 bounce
        trace unix - - n - 0 bounce
        smtp unix - - n - - smtp
        error unix - - n - - error
        virtual unix - n n - - virtual
        anvil unix - - n - 1 anvil
        proxymap unix - - n - - proxymap
        scache unix - - n - 1 scache
        tlsmgr unix - - n 1000? 1 tlsmgr
        postlog unix-dgram n - n - 1 postlogd
        """
        .formatted(port);
  }

  /** Gives it a mail as a local user does. */
  void submit(String sender, List<String> recipients, String mail) throws IOException {
    var arguments = new ArrayList<String>();
    arguments.addAll(List.of("-C", folder.resolve("conf").toString(), "-f", sender, "--"));
    arguments.addAll(recipients);
    programs.run("sendmail", arguments, mail.getBytes(StandardCharsets.UTF_8));
  }

  /** Where each mail that it keeps becomes a file. */
  Path mailbox() {
    return folder.resolve("mail").resolve("new");
  }

  @Override
  public void close() throws IOException {
    var conf = folder.resolve("conf").toString();
    programs.run("postfix", List.of("-c", conf, "stop"), new byte[0]);
  }
}
