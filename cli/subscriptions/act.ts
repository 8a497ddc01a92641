// The actions of `tenfold subscriptions`: listing, pausing, resuming, replaying, ending a replay.

import type { ConsumerReport } from '../../admin/event-view.ts';
import { CommandError } from '../command-error.ts';
import { consumerColumns } from '../events/consumer-columns.ts';
import { type ConsumerRequest, findConsumer } from '../events/find-consumer.ts';
import { inNamespace } from '../events/in-namespace.ts';
import { parseMoment } from '../events/parse-moment.ts';
import { type ListFormat, printList } from '../output/print-list.ts';
import { renderData } from '../output/render.ts';
import { parkedHint } from '../parked/hint.ts';
import type { AdminClient } from '../platform/admin-client.ts';
import type { Terminal } from '../terminal.ts';

export interface SubscriptionRequest {
  readonly consumerRequest: ConsumerRequest;
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly format: ListFormat;
}

export async function listSubscriptions(
  { consumerRequest, from, to, format }: SubscriptionRequest,
  client: Pick<AdminClient, 'consumers'>,
  terminal: Terminal,
): Promise<void> {
  refuseReplayOptions('list', from, to);
  const one = consumerRequest.name === undefined ? undefined : await findConsumer(consumerRequest, client);
  const items = one ? [one] : (await client.consumers({ namespace: consumerRequest.namespace })).items;
  const columns = (wide: boolean) =>
    consumerColumns(terminal.out, {
      wide,
      namespaces: wide || new Set(items.map(each => each.namespace)).size > 1,
      kinds: wide || items.some(each => each.kind !== 'Subscription'),
    });
  printList({ items, format, none: 'No Subscriptions and no Queues.', nameOf, columns }, terminal);
  const forPeople = format === 'table' || format === 'wide';
  const hint = parkedHint(items.filter(({ parkedEvents }) => parkedEvents > 0));
  if (forPeople && hint !== undefined) terminal.say(hint);
}

export async function actOnSubscription(
  request: SubscriptionRequest & { readonly action: 'pause' | 'resume' | 'replay' | 'end' },
  client: Pick<AdminClient, 'consumers' | 'switchConsumer' | 'replay' | 'endReplay'>,
  terminal: Terminal,
): Promise<void> {
  const { action, consumerRequest, from, to, format } = request;
  if (action !== 'replay') refuseReplayOptions(action, from, to);
  const start = action === 'replay' ? toStart(from) : undefined;
  const consumer = await findConsumer(consumerRequest, client);
  if (action === 'end') {
    if (consumer.replayOf === undefined) {
      throw new CommandError('usage', `${nameOf(consumer)} is no replay.`, {
        hint: `pause it with "tenfold subscriptions pause ${nameOf(consumer)}${inNamespace(consumer.namespace)}", or delete its resource.`,
      });
    }
    await client.endReplay(consumer);
    return terminal.say(`${consumer.name} is ended and forgotten.`);
  }
  if (start !== undefined && consumer.kind !== 'Subscription') {
    throw new CommandError('usage', 'Only Subscriptions can be replayed.');
  }
  const after = await (start === undefined
    ? client.switchConsumer(consumer, action === 'pause' ? 'pause' : 'resume')
    : client.replay(consumer, { from: start, ...(to === undefined ? {} : { toFunction: to }) }));
  if (format === 'json' || format === 'yaml') return terminal.print(renderData(after, format));
  if (format === 'name') return terminal.print(nameOf(after));
  terminal.print(`${nameOf(after)}: ${after.state}`);
  if (start === undefined) return;
  const where = inNamespace(after.namespace);
  const end = `tenfold subscriptions end ${after.name}${where}`;
  terminal.say(`It delivers to ${after.target}. Follow it with "tenfold top${where}", end it with "${end}".`);
}

function nameOf({ kind, name }: ConsumerReport): string {
  return `${kind.toLowerCase()}/${name}`;
}

function refuseReplayOptions(action: string, from: string | undefined, to: string | undefined): void {
  if (from !== undefined || to !== undefined) {
    throw new CommandError('usage', `--from and --to are for replay, not for ${action}.`);
  }
}

/** Whole milliseconds since 1970, or the beginning. */
function toStart(from: string | undefined): 'earliest' | number {
  const hint = 'say earliest, a time such as 2026-11-24T08:00:00Z, or how long ago, such as 2h.';
  if (from === undefined) throw new CommandError('usage', 'It is not said from when: --from is missing.', { hint });
  if (from === 'earliest') return from;
  const time = parseMoment(from, Date.now());
  if (time !== undefined) return time;
  throw new CommandError('usage', `"${from}" is no place to begin.`, { hint });
}
