// Items of a FanOut whose dead letters are redriven by hand: their jobs are taken up
// again, and wait for these.
import { INDEX_HEADER, toFactRecord } from '../../../core/fan-outs/facts.ts';
import { fanOutLayoutOf } from '../../../core/fan-outs/layout.ts';
import type { EventLog } from '../../../drivers/event-log/event-log.ts';
import type { DeadLetter } from '../../../worker/dispatch/settings.ts';
import { placeOf } from '../../../worker/fan-outs/task.ts';
import type { ConsumerPlan } from '../../../worker/plan/topic-plan.ts';

/**
 * Runs after the redrive was accepted: an item that is done before its job reads this has counted
 * by then.
 */
export function reopenItems(
  log: Pick<EventLog, 'append'>,
  { resource }: Pick<ConsumerPlan, 'resource'>,
): (letters: readonly DeadLetter[]) => Promise<void> {
  const { facts } = fanOutLayoutOf(resource.metadata.namespace, resource.metadata.name);
  return async letters => {
    const jobs = new Map<string, { readonly partition: number; readonly indexes: number[] }>();
    for (const { record } of letters) {
      const place = placeOf(record);
      const index = Number(record.headers[INDEX_HEADER] ?? '');
      if (place === undefined || !Number.isInteger(index)) continue;
      const known = jobs.get(place.nonce);
      if (known) known.indexes.push(index);
      else jobs.set(place.nonce, { partition: place.partition, indexes: [index] });
    }
    const records = [...jobs].map(([nonce, { partition, indexes }]) =>
      toFactRecord(nonce, partition, { kind: 'redrive', indexes }),
    );
    if (records.length > 0) await log.append(facts, records);
  };
}
