// Finds the Subscription, Queue, FanOut or sync that a command names.
import type { ConsumerReport } from '../../admin/event-view.ts';
import { TenfoldError } from '../../core/errors.ts';
import { suggest } from '../../core/suggest.ts';
import { CommandError } from '../command-error.ts';
import type { AdminClient } from '../platform/admin-client.ts';

export interface ConsumerRequest {
  /**
   * `wall`, `subscription/wall`, `queue/import`, `fanout/renditions`, or `strangler/shop.orders`
   * for the sync of a feature.
   */
  readonly name: string | undefined;
  readonly namespace: string | undefined;
}

const PREFIXES: Readonly<Record<string, ConsumerReport['kind']>> = {
  subscription: 'Subscription',
  subscriptions: 'Subscription',
  sub: 'Subscription',
  queue: 'Queue',
  queues: 'Queue',
  qu: 'Queue',
  strangler: 'Strangler',
  stranglers: 'Strangler',
  fanout: 'FanOut',
  fanouts: 'FanOut',
  'fan-out': 'FanOut',
};

/** Exactly one, or an error that says why not. */
export async function findConsumer(
  { name: text, namespace }: ConsumerRequest,
  client: Pick<AdminClient, 'consumers'>,
): Promise<ConsumerReport> {
  if (text === undefined) {
    throw new CommandError('usage', 'It is not said which Subscription or Queue.', {
      hint: 'name one; "tenfold subscriptions list" shows them.',
    });
  }
  const { kind, name } = splitName(text);
  const { items } = await client.consumers({ namespace });
  const found = items.filter(each => each.name === name && (kind === undefined || each.kind === kind));
  const [first, second] = found;
  if (!first) throw notFound(kind, name, items);
  if (!second) return first;
  if (new Set(found.map(each => each.namespace)).size > 1) {
    throw new CommandError('usage', `"${name}" exists in several namespaces.`, {
      hint: 'choose one with --namespace NAME.',
    });
  }
  const ways = found.map(each => `${each.kind.toLowerCase()}/${name}`);
  throw new CommandError('usage', `There is a ${found.map(each => each.kind).join(' and a ')} "${name}".`, {
    hint: `say which: ${ways.join(' or ')}.`,
  });
}

function splitName(text: string): { kind: ConsumerReport['kind'] | undefined; name: string } {
  const at = text.indexOf('/');
  if (at < 0) return { kind: undefined, name: text };
  const kind = PREFIXES[text.slice(0, at).toLowerCase()];
  if (kind) return { kind, name: text.slice(at + 1) };
  throw new CommandError(
    'usage',
    `"${text}" is none of subscription/NAME, queue/NAME, fanout/NAME and strangler/NAME.FEATURE.`,
  );
}

function notFound(kind: string | undefined, name: string, all: readonly ConsumerReport[]): TenfoldError {
  const names = all.filter(each => kind === undefined || each.kind === kind).map(each => each.name);
  const nearest = suggest(name, names);
  const message = `There is no ${kind ?? 'Subscription or Queue'} "${name}".`;
  return new TenfoldError('not-found', nearest ? `${message} Did you mean "${nearest}"?` : message);
}
