// The contract of the log on a real Kafka.
import { realWorld } from '../../../core/world.ts';
import { openKafkaEventLog } from '../../../drivers/event-log/kafka/kafka-event-log.ts';
import { kafka } from '../../services/kafka.ts';
import { findService } from '../../services/service.ts';
import { eventLogContract } from './event-log-contract.ts';

const service = findService(kafka);

if (service)
  eventLogContract({
    name: 'Kafka',
    hasManyClients: true,
    rebalanceMs: 10_000,
    async create() {
      return {
        open: async () =>
          openKafkaEventLog({
            world: realWorld,
            connection: { brokers: service.url().split(',') },
            heartbeatMs: 100,
          }),
        async destroy() {},
      };
    },
  });
