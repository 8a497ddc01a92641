// Tells the sinks of one platform from those of another that writes to the same database: each
// begins with its own events, also where names are the same or the platform begins anew.
import { randomUUID } from 'node:crypto';
import { TenfoldError } from '../../core/errors.ts';
import type { Store } from '../../drivers/store/store.ts';

const TABLE = 'identity';
const KEY = 'installation';
const CONSUMER = 'identity';

/** Made once, by whichever process comes first. `sink`: the internal topic that it reads. */
export async function installationOf(store: Pick<Store, 'apply' | 'row' | 'server'>, sink: string): Promise<string> {
  const scope = `sinks/${sink}`;
  const server = await store.server(scope);
  const known = await store.row(scope, TABLE, KEY);
  if (known) return Buffer.from(known.value).toString();
  const fence = { consumer: CONSUMER, partition: 0, after: undefined, upTo: 1, server };
  await store.apply(scope, [{ kind: 'put-row', table: TABLE, key: KEY, value: randomUUID() }], fence);
  const made = await store.row(scope, TABLE, KEY);
  if (made) return Buffer.from(made.value).toString();
  throw new TenfoldError('not-ready', `The store does not say yet who writes for ${sink}.`);
}
