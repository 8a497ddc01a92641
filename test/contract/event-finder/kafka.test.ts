// Finding events in a real Kafka, which has no index: all that was asked for is read.
import { realWorld } from '../../../core/world.ts';
import { openKafkaEventLog } from '../../../drivers/event-log/kafka/kafka-event-log.ts';
import { kafka } from '../../services/kafka.ts';
import { findService } from '../../services/service.ts';
import { eventFinderContract } from './event-finder-contract.ts';

const service = findService(kafka);

if (service)
  eventFinderContract({
    name: 'Kafka',
    runs: 8,
    many: 3_000,
    async create() {
      return {
        async open() {
          const connection = { brokers: service.url().split(',') };
          return { log: openKafkaEventLog({ world: realWorld, connection }), index: undefined };
        },
        async destroy() {},
      };
    },
  });
