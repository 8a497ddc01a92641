// Dispatchers over a real Kafka: what they are given, what they do with it, and
// whether nothing is missing.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { realWorld } from '../../../../core/world.ts';
import type { EventLog } from '../../../../drivers/event-log/event-log.ts';
import type { DeliveryItem, Outcome } from '../../../../worker/deliver/destination.ts';
import { type Dispatcher, type DispatcherOptions, startDispatcher } from '../../../../worker/dispatch/dispatcher.ts';
import type { DeadLetter, DispatchSettings } from '../../../../worker/dispatch/settings.ts';
import { eventually } from '../../../eventually.ts';
import { done, settingsFor } from '../harness.ts';

export interface Handled {
  /** Values that were handled, by key, in the order in which that was. */
  readonly byKey: Map<string, string[]>;
  /** Of each call. */
  readonly attempts: Map<string, number>;
  readonly deadLettered: DeadLetter[];
  count(): number;
}

export const createHandled = (): Handled => {
  const byKey = new Map<string, string[]>();
  return {
    byKey,
    attempts: new Map(),
    deadLettered: [],
    count: () => byKey.values().reduce((sum, { length }) => sum + length, 0),
  };
};

/** Tries to start until it can: topics and groups may not be ready yet. */
export async function dispatch(
  log: EventLog,
  handled: Handled,
  settings: Partial<DispatchSettings> & Pick<DispatchSettings, 'group' | 'topic'>,
  script: (item: DeliveryItem, text: string) => Outcome | Promise<Outcome> = () => done,
  more: Partial<DispatcherOptions> = {},
): Promise<Dispatcher> {
  const deliverOne = async (item: DeliveryItem): Promise<Outcome> => {
    const { key, value } = item.record;
    const text = Buffer.from(value).toString();
    const name = `${key} ${text}`;
    handled.attempts.set(name, (handled.attempts.get(name) ?? 0) + 1);
    const outcome = await script(item, text);
    if (outcome.kind !== 'done') return outcome;
    const values = handled.byKey.get(key ?? '') ?? [];
    handled.byKey.set(key ?? '', values);
    values.push(text);
    return outcome;
  };
  let dispatcher: Dispatcher | undefined;
  await eventually(async () => {
    dispatcher = await startDispatcher({
      world: realWorld,
      log,
      settings: settingsFor(settings),
      destination: { label: 'test', deliver: items => Promise.all(items.map(deliverOne)) },
      deadLettered: async letter => void handled.deadLettered.push(letter),
      ...more,
    }).catch(() => undefined);
    return dispatcher !== undefined;
  }, 'the dispatcher starts');
  assert.ok(dispatcher);
  return dispatcher;
}

/** All that was acknowledged was handled, and first in order: what comes again comes later. */
function assertInOrder(acknowledged: ReadonlyMap<string, readonly number[]>, { byKey }: Handled): void {
  for (const [key, numbers] of acknowledged) {
    const firsts = [...new Set(byKey.get(key) ?? [])].map(Number);
    assert.deepEqual(firsts.slice(0, numbers.length), numbers, `of ${key}`);
  }
}

/** Until that holds; rejects with what does not. */
export async function untilInOrder(
  acknowledged: ReadonlyMap<string, readonly number[]>,
  handled: Handled,
): Promise<void> {
  const isComplete = () => {
    try {
      assertInOrder(acknowledged, handled);
      return true;
    } catch {
      return false;
    }
  };
  await eventually(isComplete, 'all is handled').catch(() => assertInOrder(acknowledged, handled));
}

/**
 * DescribeQuorum, version 0, of the cluster's own metadata. The metadata that clients get names any
 * broker as the controller.
 */
const QUESTION = Buffer.concat([
  Buffer.from('003700000000000100017800', 'hex'),
  Buffer.from([2, 19]),
  Buffer.from('__cluster_metadata'),
  Buffer.from([2, 0, 0, 0, 0, 0, 0, 0]),
]);

/** Number of the node that is the active controller, from 1 on. */
export function controllerOf(broker: string): Promise<number> {
  const [host = '', port = ''] = broker.split(':');
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const size = Buffer.alloc(4);
  size.writeInt32BE(QUESTION.length);
  const socket = connect(Number(port), host, () => socket.write(Buffer.concat([size, QUESTION])));
  socket.setTimeout(2 * 60_000, () => socket.destroy(new Error('no answer')));
  socket.once('error', reject);
  socket.once('data', answer => {
    socket.destroy();
    // Size, correlation, tags, error, topics, name, partitions, index, error, leader.
    const at = 4 + 4 + 1;
    if (answer.readInt16BE(at) !== 0) reject(new Error(`error ${answer.readInt16BE(at)}`));
    else resolve(answer.readInt32BE(at + 2 + 1 + 19 + 1 + 4 + 2));
  });
  return promise;
}
