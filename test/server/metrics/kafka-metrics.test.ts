// The metrics of the way to Kafka: every reason from the start, and nothing
// where the log is elsewhere.
import assert from 'node:assert/strict';
import { Registry } from 'prom-client';
import { createKafkaCounts } from '../../../drivers/event-log/kafka/counts.ts';
import { registerKafkaMetrics } from '../../../server/metrics/kafka-metrics.ts';

describe('metrics of Kafka', () => {
  it('count connections by why they were lost, and other producers', async () => {
    const registry = new Registry();
    const counts = createKafkaCounts();
    registerKafkaMetrics(registry, counts);
    counts.lost.silent += 2;
    counts.renewed++;
    for (let twice = 0; twice < 2; twice++) {
      const text = await registry.metrics();
      assert.match(text, /tenfold_kafka_connections_lost_total\{reason="silent"\} 2\n/);
      assert.match(text, /tenfold_kafka_connections_lost_total\{reason="cut"\} 0\n/);
      assert.match(text, /tenfold_kafka_connections_lost_total\{reason="idle"\} 0\n/);
      assert.match(text, /tenfold_kafka_producers_renewed_total 1\n/);
    }
  });

  it('are empty without Kafka', async () => {
    const registry = new Registry();
    registerKafkaMetrics(registry, undefined);
    assert.doesNotMatch(await registry.metrics(), /^tenfold_kafka_connections_lost_total\{/m);
  });
});
