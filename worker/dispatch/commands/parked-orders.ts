// Orders for parked events: to try them now, or to give them up. The owner of the partition carries
// them out, and its parking log says what each came to.
import { sleep, type World } from '../../../core/world.ts';
import type { EventLog } from '../../../drivers/event-log/event-log.ts';
import type { ParkedReader } from '../../parking-log/parked-reader.ts';
import { encodeParkingLogRecord } from '../../parking-log/parking-log-codec.ts';
import type { CommandOutcome } from '../../parking-log/parking-log-record.ts';

export interface ParkedOrder {
  readonly verb: 'retry' | 'give-up';
  /** Source offset. */
  readonly event: number;
  readonly generation: number;
}

/**
 * The end of an order. `earlier-release`: the owner knows no such orders, and left the event as
 * it was. `unconfirmed`: the order is durable, and no owner has said yet what it came to.
 */
export type OrderOutcome = CommandOutcome | 'earlier-release' | 'unconfirmed';

/** How often an answer is looked for. */
const LOOK_MS = 100;

/** Durable when it resolves, to the place of each order in the parking log. */
export async function orderParked(
  log: Pick<EventLog, 'append'>,
  parkingLog: string,
  partition: number,
  orders: readonly ParkedOrder[],
): Promise<number[]> {
  const records = orders.map(({ verb, event, generation: parkedAs }) =>
    encodeParkingLogRecord({ type: 'command', verb, event, generation: -1, parkedAs }, partition),
  );
  return (await log.append(parkingLog, records)).map(({ offset }) => offset);
}

/**
 * The outcomes of orders, in their order, once all are known or after `patienceMs`. `reader`: one
 * that had not read up to them when they were made.
 */
export async function outcomesOf(
  world: Pick<World, 'after' | 'monotonic'>,
  reader: ParkedReader,
  places: readonly number[],
  patienceMs: number,
  signal: AbortSignal,
): Promise<OrderOutcome[]> {
  const until = world.monotonic() + patienceMs;
  const outcomes = new Map<number, OrderOutcome>();
  for (;;) {
    const { commands } = await reader.read(signal, record => {
      if (record.type === 'acked') outcomes.set(record.command, record.outcome ?? 'earlier-release');
    });
    const isOpen = places.some(place => !outcomes.has(place) && (place >= reader.next || commands.has(place)));
    if (!isOpen || world.monotonic() >= until) return places.map(place => outcomes.get(place) ?? 'unconfirmed');
    await sleep(world, LOOK_MS, signal);
  }
}
