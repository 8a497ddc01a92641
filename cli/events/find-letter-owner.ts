// Finds the owner of the dead letters of a command: a Subscription or Queue, or a resource that is
// named with its kind.
import type { ConsumerName } from '../../admin/consumer-name.ts';
import type { ConsumerReport } from '../../admin/event-view.ts';
import type { AdminClient } from '../platform/admin-client.ts';
import { type ConsumerRequest, findConsumer } from './find-consumer.ts';

/** Kinds that are no consumers of their own in `tenfold subscriptions`. */
const PREFIXES: Readonly<Record<string, ConsumerName['kind']>> = {
  view: 'View',
  views: 'View',
  vw: 'View',
  pipeline: 'Pipeline',
  pipelines: 'Pipeline',
  pl: 'Pipeline',
  fanout: 'FanOut',
  fanouts: 'FanOut',
  fo: 'FanOut',
};

/** `state`: as far as known. */
export type LetterOwner = ConsumerName & Partial<Pick<ConsumerReport, 'state'>>;

/** Whether a View, Pipeline or FanOut is there, the platform says. */
export async function findLetterOwner(
  request: ConsumerRequest,
  client: Pick<AdminClient, 'consumers'>,
): Promise<LetterOwner> {
  const { name: text = '', namespace = 'default' } = request;
  const at = text.indexOf('/');
  const kind = at < 0 ? undefined : PREFIXES[text.slice(0, at).toLowerCase()];
  return kind === undefined ? findConsumer(request, client) : { kind, namespace, name: text.slice(at + 1) };
}
