// Asks for an event not to be delivered (any more).
import { lotTopicOf } from '../../../core/names.ts';
import type { EventLog } from '../../../drivers/event-log/event-log.ts';
import { encodeLotRecord } from '../../lot/lot-codec.ts';

/**
 * Durable when it resolves. The owner gives the event up with the reason `cancelled`, unless it has been handled by then; an attempt that is
 * under way ends first.
 */
export async function requestCancel(log: EventLog, group: string, partition: number, event: number): Promise<void> {
  const command = { type: 'command', verb: 'cancel', event, generation: 0 } as const;
  await log.append(lotTopicOf(group), [encodeLotRecord(command, partition)]);
}
