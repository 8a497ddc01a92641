// Finds the Aggregate that a command names.
import { TenfoldError } from '../../core/errors.ts';
import { suggest } from '../../core/suggest.ts';
import { CommandError } from '../command-error.ts';
import type { AdminClient } from '../platform/admin-client.ts';

/** The namespace of exactly one, or an error that says why not. */
export async function namespaceOfAggregate(
  name: string,
  namespace: string | undefined,
  client: Pick<AdminClient, 'resources'>,
): Promise<string> {
  // The platform says whether it is there.
  if (namespace !== undefined) return namespace;
  const { items } = await client.resources({ kind: 'Aggregate' });
  const [found, other] = items.filter(each => each.name === name);
  if (found && other) {
    throw new CommandError('usage', `There is an Aggregate "${name}" in several namespaces.`, {
      hint: 'choose one with --namespace NAME.',
    });
  }
  if (found) return found.namespace;
  const nearest = suggest(
    name,
    items.map(each => each.name),
  );
  const message = `There is no Aggregate "${name}".`;
  throw new TenfoldError('not-found', nearest ? `${message} Did you mean "${nearest}"?` : message);
}
