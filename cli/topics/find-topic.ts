// Finds the Topic that a command names, and the place at which it is to be read.
import { TenfoldError } from '../../core/errors.ts';
import { suggest } from '../../core/suggest.ts';
import { toTimestamp } from '../../core/world.ts';
import { CommandError } from '../command-error.ts';
import { parseMoment } from '../events/parse-moment.ts';
import type { AdminClient } from '../platform/admin-client.ts';
import type { TopicName } from '../platform/event-client.ts';

export interface TopicRequest {
  readonly name: string | undefined;
  readonly namespace: string | undefined;
}

/** Exactly one, or an error that says why not. */
export async function findTopic(
  { name, namespace }: TopicRequest,
  client: Pick<AdminClient, 'topics'>,
): Promise<TopicName> {
  if (name === undefined) {
    throw new CommandError('usage', 'It is not said which Topic.', {
      hint: 'name one; "tenfold get topics" shows them.',
    });
  }
  // The platform says whether it is there.
  if (namespace !== undefined) return { namespace, name };
  const { items } = await client.topics({});
  const [found, other] = items.filter(each => each.name === name);
  if (found && other) {
    throw new CommandError('usage', `"${name}" exists in several namespaces.`, {
      hint: 'choose one with --namespace NAME.',
    });
  }
  if (found) return { namespace: found.namespace, name };
  const nearest = suggest(
    name,
    items.map(each => each.name),
  );
  const message = `There is no Topic "${name}".`;
  throw new TenfoldError('not-found', nearest ? `${message} Did you mean "${nearest}"?` : message);
}

/** As the admin API takes it: times are absolute. */
export function toPlace(from: string | undefined): string | undefined {
  if (from === undefined || from === 'earliest' || from === 'latest' || /^\d+-\d+$|^at_/.test(from)) return from;
  const time = parseMoment(from, Date.now());
  if (time !== undefined) return toTimestamp(time);
  throw new CommandError('usage', `"${from}" is no place to begin.`, {
    hint: 'say earliest, latest, a time such as 2026-11-24T08:00:00Z, how long ago, such as 2h, or an event, such as 3-17.',
  });
}
