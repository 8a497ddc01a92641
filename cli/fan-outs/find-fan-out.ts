// Finds the FanOut whose jobs a command names; its namespace where that is not given.
import { TenfoldError } from '../../core/errors.ts';
import { suggest } from '../../core/suggest.ts';
import { CommandError } from '../command-error.ts';
import type { ListFormat } from '../output/print-list.ts';
import type { AdminClient } from '../platform/admin-client.ts';

export interface NamedFanOuts {
  readonly namespace: string | undefined;
  readonly fanOut: string | undefined;
  readonly ids: readonly string[];
  readonly format: ListFormat;
}

export interface FanOutPlace {
  readonly namespace: string;
  readonly fanOut: string;
}

/** Fails when no job is named. */
export async function findFanOut(
  { namespace, fanOut, ids }: NamedFanOuts,
  client: Pick<AdminClient, 'fanOuts'>,
): Promise<FanOutPlace> {
  if (fanOut === undefined || ids.length === 0) {
    throw new CommandError('usage', 'It is not said which job.', {
      hint: 'name the FanOut and the id of the job; "tenfold fanouts list" shows them.',
    });
  }
  const name = fanOutNameOf(fanOut);
  const { items } = await client.fanOuts();
  const found = items.filter(each => each.name === name && (namespace === undefined || each.namespace === namespace));
  const [first, second] = found;
  if (first === undefined) {
    const nearest = suggest(
      name,
      items.map(each => each.name),
    );
    const message = `There is no FanOut "${name}".`;
    throw new TenfoldError('not-found', nearest ? `${message} Did you mean "${nearest}"?` : message);
  }
  if (second) {
    throw new CommandError('usage', `"${name}" exists in several namespaces.`, {
      hint: 'choose one with --namespace NAME.',
    });
  }
  return { namespace: first.namespace, fanOut: first.name };
}

/** The name in `renditions` or `fanout/renditions`. */
export function fanOutNameOf(text: string): string {
  return text.replace(/^fan-?outs?\//i, '');
}
