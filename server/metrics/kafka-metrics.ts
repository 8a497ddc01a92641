// Metrics of the way to Kafka: connections that were lost, and how often appends
// went on as another producer.
import { Counter, type Registry } from 'prom-client';
import { type KafkaCounts, LOSSES } from '../../drivers/event-log/kafka/counts.ts';

/** Reports nothing without `counts`: the log is elsewhere. */
export function registerKafkaMetrics(registry: Registry, counts: KafkaCounts | undefined): void {
  new Counter({
    name: 'tenfold_kafka_connections_lost_total',
    help:
      'Connections to brokers that were lost, and made anew when needed, by reason: silent (no answer came in time), ' +
      'cut (it ended while somebody waited for one), idle (it ended while nobody did).',
    labelNames: ['reason'],
    registers: [registry],
    collect() {
      this.reset();
      if (counts) for (const reason of LOSSES) this.inc({ reason }, counts.lost[reason]);
    },
  });
  new Counter({
    name: 'tenfold_kafka_producers_renewed_total',
    help: 'How often appends went on as another producer, since what had become of a batch was not known.',
    registers: [registry],
    collect() {
      this.reset();
      if (counts) this.inc(counts.renewed);
    },
  });
}
