package org.flywheelmta.house;

import java.util.List;

/**
 * Calls that only some rooms may make.
 *
 * @param rooms who may; with none, nobody may
 * @param calls beginnings of owner, dot, name and descriptor, as class files write them
 * @param instead what to use, the end of the complaint's sentence
 */
record Door(List<String> rooms, List<String> calls, String instead) {
  private static final List<String> NOBODY = List.of();

  /** Rooms through which everything flows, where no call may cost more than it must. */
  private static final List<String> NOT_HOT =
      List.of(
          "base",
          "command",
          "config",
          "hook",
          "module",
          "auth",
          "web",
          "dns",
          "event",
          "mm7",
          "bounce",
          "policy",
          "control",
          "api",
          "sandbox",
          "exporters",
          "main");

  static final List<Door> ALL =
      List.of(
          new Door(
              List.of("base"),
              List.of(
                  "java/lang/System.nanoTime(",
                  "java/lang/System.currentTimeMillis(",
                  "java/time/Instant.now(",
                  "java/time/LocalDate.now(",
                  "java/time/LocalTime.now(",
                  "java/time/LocalDateTime.now(",
                  "java/time/OffsetDateTime.now(",
                  "java/time/ZonedDateTime.now(",
                  "java/time/Year.now(",
                  "java/time/Clock.system",
                  "java/time/InstantSource.system(",
                  "java/util/Date.<init>()",
                  "java/util/Calendar.getInstance(",
                  "java/util/GregorianCalendar.<init>()"),
              "take a `base.Clock`, or the time of the scheduler"),
          new Door(
              List.of("base"),
              List.of(
                  "java/util/Random.<init>(",
                  "java/util/SplittableRandom.<init>(",
                  "java/util/random/RandomGenerator.of(",
                  "java/util/random/RandomGenerator.getDefault(",
                  "java/util/random/RandomGeneratorFactory.",
                  "java/util/concurrent/ThreadLocalRandom.",
                  "java/security/SecureRandom.",
                  "java/util/UUID.randomUUID(",
                  "java/util/Collections.shuffle(Ljava/util/List;)",
                  "java/lang/Math.random("),
              "take the scheduler's `random()`, or a `base.Randomness`"),
          new Door(
              List.of("disk", "main"),
              List.of(
                  "java/io/File.",
                  "java/io/FileInputStream.",
                  "java/io/FileOutputStream.",
                  "java/io/FileReader.",
                  "java/io/FileWriter.",
                  "java/io/RandomAccessFile.",
                  "java/nio/file/Files.",
                  "java/nio/file/FileSystem.",
                  "java/nio/file/FileSystems.",
                  "java/nio/file/Path.toFile(",
                  "java/nio/file/Path.toRealPath(",
                  "java/nio/channels/FileChannel.",
                  "java/nio/channels/AsynchronousFileChannel.",
                  "java/util/Scanner.<init>(Ljava/nio/file/"),
              "go through `disk.Disk`; configuration goes through `config.ConfigFiles`"),
          new Door(
              List.of("net", "scheduler", "dns"),
              List.of(
                  "java/net/Socket.",
                  "java/net/ServerSocket.",
                  "java/net/DatagramSocket.",
                  "java/net/http/",
                  "java/net/URL.openConnection(",
                  "java/net/URL.openStream(",
                  "java/net/InetAddress.getByName(",
                  "java/net/InetAddress.getAllByName(",
                  "java/net/InetAddress.getLocalHost(",
                  "java/net/InetSocketAddress.<init>(Ljava/lang/String;",
                  "java/nio/channels/SocketChannel.",
                  "java/nio/channels/ServerSocketChannel.",
                  "java/nio/channels/DatagramChannel.",
                  "java/nio/channels/AsynchronousSocketChannel.",
                  "java/nio/channels/Selector.",
                  "io/netty/bootstrap/",
                  "io/netty/resolver/",
                  "io/netty/channel/epoll/",
                  "io/netty/channel/kqueue/",
                  "io/netty/channel/uring/",
                  "io/netty/channel/nio/",
                  "io/netty/channel/socket/",
                  "io/netty/channel/unix/",
                  "io/netty/channel/local/",
                  "io/netty/channel/MultiThreadIoEventLoopGroup.",
                  "io/netty/channel/MultithreadEventLoopGroup."),
              "open connections through `net` and look names up through `dns`"),
          new Door(
              List.of("scheduler"),
              List.of(
                  "java/lang/Thread.<init>(",
                  "java/lang/Thread.ofPlatform(",
                  "java/lang/Thread.ofVirtual(",
                  "java/lang/Thread.startVirtualThread(",
                  "java/util/Timer.<init>(",
                  "io/netty/util/concurrent/DefaultThreadFactory.",
                  "io/netty/util/concurrent/FastThreadLocalThread.",
                  "java/util/concurrent/Executors.",
                  "java/util/concurrent/ThreadPoolExecutor.",
                  "java/util/concurrent/ScheduledThreadPoolExecutor.",
                  "java/util/concurrent/ForkJoinPool.",
                  "java/util/concurrent/CompletableFuture.runAsync(",
                  "java/util/concurrent/CompletableFuture.supplyAsync("),
              "take a `scheduler.ThreadPool` or a `scheduler.Worker`"),
          new Door(
              List.of("scheduler"),
              List.of("java/lang/ThreadLocal.", "io/netty/util/concurrent/FastThreadLocal."),
              "keep it in an object that the scheduler owns"),
          new Door(
              NOBODY, List.of("java/lang/Thread.sleep("), "arm a timed event; nobody waits here"),
          new Door(
              NOBODY,
              List.of("java/lang/Runtime.exec(", "java/lang/ProcessBuilder."),
              "the server starts no processes"),
          new Door(
              NOBODY,
              List.of("java/io/ObjectInputStream.", "java/io/ObjectOutputStream."),
              "write the fields out yourself; Java's serialization is an open door"),
          new Door(
              List.of("main"),
              List.of("java/lang/System.out", "java/lang/System.err"),
              "tell the operator through `base.OperatorLog`"),
          new Door(
              NOBODY,
              List.of(
                  "java/lang/Throwable.printStackTrace(",
                  "java/lang/Exception.printStackTrace(",
                  "java/lang/RuntimeException.printStackTrace("),
              "tell the operator through `base.OperatorLog`"),
          new Door(
              List.of("main"),
              List.of("java/lang/System.exit(", "java/lang/Runtime.halt("),
              "throw a bug, and let `main` end the process"),
          new Door(
              List.of("config", "main"),
              List.of(
                  "java/util/regex/",
                  "java/lang/String.matches(",
                  "java/lang/String.replaceAll(",
                  "java/lang/String.replaceFirst("),
              "network data never reaches a regular expression; scan the bytes"),
          new Door(
              NOT_HOT,
              List.of("java/lang/String.format(", "java/lang/String.formatted("),
              "this room is on the way of every message; concatenate or append"),
          new Door(
              NOBODY,
              List.of(
                  "java/util/Set.of(Ljava/lang/Object;Ljava/lang/Object;",
                  "java/util/Set.of([",
                  "java/util/Set.copyOf(",
                  "java/util/Map.of(Ljava/lang/Object;Ljava/lang/Object;Ljava/lang/Object;",
                  "java/util/Map.ofEntries(",
                  "java/util/Map.copyOf("),
              "its order differs with each start; use a LinkedHashMap, a TreeMap or an EnumMap"
                  + " behind Collections.unmodifiable..."));

  boolean isOpenTo(String room) {
    return rooms.contains(room);
  }

  boolean covers(String call) {
    return calls.stream().anyMatch(call::startsWith);
  }
}
