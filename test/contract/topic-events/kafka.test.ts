// Events of Topics in a real Kafka.
import { realWorld } from '../../../core/world.ts';
import { openKafkaEventLog } from '../../../drivers/event-log/kafka/kafka-event-log.ts';
import { kafka } from '../../services/kafka.ts';
import { findService } from '../../services/service.ts';
import { topicEventsContract } from './topic-events-contract.ts';

const service = findService(kafka);

if (service)
  topicEventsContract({
    name: 'Kafka',
    runs: 8,
    async create() {
      return {
        open: async () => openKafkaEventLog({ world: realWorld, connection: { brokers: service.url().split(',') } }),
        async destroy() {},
      };
    },
  });
