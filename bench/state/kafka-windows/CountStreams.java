// The same count with Kafka Streams, one thread: events by key in tumbling windows of 10 s, count and sum, state in memory with its changelog in Kafka.
// Arguments: brokers, topic, events, guarantee (exactly_once_v2 or at_least_once), and how many events, the first, are not measured. Prints figures as JSON when all events are counted and committed.
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.Suppressed;
import org.apache.kafka.streams.kstream.TimeWindows;
import org.apache.kafka.streams.state.Stores;

public final class CountStreams {
  record Totals(long count, double sum) {}

  public static void main(String[] args) throws Exception {
    String brokers = args[0];
    String topic = args[1];
    long events = Long.parseLong(args[2]);
    String guarantee = args[3];
    long warm = Long.parseLong(args[4]);
    Properties settings = new Properties();
    settings.put(StreamsConfig.APPLICATION_ID_CONFIG, "streams-" + guarantee.replace('_', '-') + "-" + System.currentTimeMillis());
    settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, brokers);
    settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, guarantee);
    settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, 1);
    settings.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, 1);
    settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 100);
    settings.put(StreamsConfig.STATE_DIR_CONFIG, Files.createTempDirectory("tenfold-streams").toString());
    settings.put(StreamsConfig.consumerPrefix(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "earliest");
    settings.put(StreamsConfig.DEFAULT_TIMESTAMP_EXTRACTOR_CLASS_CONFIG, ByEventTime.class);

    ObjectMapper json = new ObjectMapper();
    AtomicLong seen = new AtomicLong();
    CountDownLatch warmed = new CountDownLatch(1);
    CountDownLatch all = new CountDownLatch(1);
    StreamsBuilder builder = new StreamsBuilder();
    builder.stream(topic, Consumed.with(Serdes.String(), Serdes.ByteArray()))
        .groupByKey(Grouped.with(Serdes.String(), Serdes.ByteArray()))
        .windowedBy(TimeWindows.ofSizeAndGrace(Duration.ofSeconds(10), Duration.ZERO))
        .aggregate(
            () -> new Totals(0, 0),
            (key, value, totals) -> {
              long now = seen.incrementAndGet();
              if (now == warm) warmed.countDown();
              if (now >= events) all.countDown();
              try {
                return new Totals(totals.count + 1, totals.sum + json.readTree(value).get("ms").asDouble());
              } catch (java.io.IOException error) {
                throw new IllegalStateException(error);
              }
            },
            Materialized.<String, Totals>as(
                    Stores.inMemoryWindowStore("counts", Duration.ofSeconds(20), Duration.ofSeconds(10), false))
                .withKeySerde(Serdes.String())
                .withValueSerde(totals()))
        .suppress(Suppressed.untilWindowCloses(Suppressed.BufferConfig.unbounded()))
        .toStream((window, totals) -> window.key())
        .mapValues(totals -> totals.count + " " + totals.sum)
        .to("default.streams-results", Produced.with(Serdes.String(), Serdes.String()));

    try (KafkaStreams streams = new KafkaStreams(builder.build(), settings)) {
      streams.start();
      warmed.await();
      long cpu = cpuNanos();
      long began = System.nanoTime();
      long first = seen.get();
      all.await();
      waitForCommits(brokers, settings.getProperty(StreamsConfig.APPLICATION_ID_CONFIG), events);
      double seconds = (System.nanoTime() - began) / 1e9;
      double cpuUs = (cpuNanos() - cpu) / 1e3 / (events - first);
      System.out.printf("{\"rate\":%f,\"cpuUs\":%f}%n", (events - first) / seconds, cpuUs);
      System.out.flush();
      Runtime.getRuntime().halt(0);
    }
  }

  /** It is done when its positions say so: what was not committed would be done again. */
  private static void waitForCommits(String brokers, String group, long events) throws Exception {
    try (Admin admin = Admin.create(Map.<String, Object>of("bootstrap.servers", brokers))) {
      for (;;) {
        long done = 0;
        var positions = admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get();
        for (var position : positions.values()) done += position.offset();
        if (done >= events) return;
        Thread.sleep(10);
      }
    }
  }

  private static long cpuNanos() {
    var system = java.lang.management.ManagementFactory.getOperatingSystemMXBean();
    return ((com.sun.management.OperatingSystemMXBean) system).getProcessCpuTime();
  }

  private static Serde<Totals> totals() {
    return Serdes.serdeFrom(
        (topic, value) -> value == null ? null : ByteBuffer.allocate(16).putLong(value.count).putDouble(value.sum).array(),
        (topic, bytes) -> {
          if (bytes == null) return null;
          ByteBuffer buffer = ByteBuffer.wrap(bytes);
          return new Totals(buffer.getLong(), buffer.getDouble());
        });
  }

  /** Of the event's own time, which is in a header, as everywhere in this binding. */
  public static final class ByEventTime implements org.apache.kafka.streams.processor.TimestampExtractor {
    @Override
    public long extract(org.apache.kafka.clients.consumer.ConsumerRecord<Object, Object> record, long partitionTime) {
      Headers headers = record.headers();
      return java.time.Instant.parse(new String(headers.lastHeader("ce_time").value())).toEpochMilli();
    }
  }
}
