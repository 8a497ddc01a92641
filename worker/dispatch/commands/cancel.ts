// Asks for an event not to be delivered (any more).
import { parkingLogTopicOf } from '../../../core/names.ts';
import type { EventLog } from '../../../drivers/event-log/event-log.ts';
import { encodeParkingLogRecord } from '../../parking-log/parking-log-codec.ts';

/**
 * Durable when it resolves. The owner gives the event up with the reason `cancelled`, unless it has
 * been handled by then. An attempt that is under way ends first.
 */
export async function requestCancel(log: EventLog, group: string, partition: number, event: number): Promise<void> {
  const command = { type: 'command', verb: 'cancel', event, generation: 0 } as const;
  await log.append(parkingLogTopicOf(group), [encodeParkingLogRecord(command, partition)]);
}
