// How a platform reaches databases of others: by the address in a Secret, and never to an address
// that is forbidden.
import { isIP } from 'node:net';
import { TenfoldError } from '../../core/errors.ts';
import type { SessionOptions } from '../../drivers/postgres/session.ts';
import { createCheckedLookup } from '../../gateway/transport/address-policy.ts';
import type { OpenTable } from '../../worker/tables/open-table.ts';
import type { RunEventsOptions } from './running-events.ts';

type Options = Pick<RunEventsOptions, 'environment' | 'checkAddress'>;

interface Database {
  readonly secret: string;
  readonly timeouts: { readonly connect: number; readonly statement: number };
}

/**
 * The result reads the Secret for each connection. The driver is loaded with the first database.
 */
export async function sessionOptionsOf(
  { environment, checkAddress }: Options,
  namespace: string,
  { secret, timeouts }: Database,
  signal: AbortSignal,
): Promise<() => SessionOptions> {
  const { connectionSettingsOf } = await import('../../drivers/postgres/connection-settings.ts');
  return () => ({
    connection: connectionSettingsOf(secret, environment.secrets(namespace, secret)),
    connectTimeoutMs: timeouts.connect,
    statementTimeoutMs: timeouts.statement,
    lookup: createCheckedLookup(checkAddress),
    assertAddress(host) {
      const refusal = isIP(host) === 0 ? undefined : checkAddress(host, host);
      if (refusal !== undefined) throw new TenfoldError('storage-unusable', `${host}: ${refusal}.`);
    },
    signal,
  });
}

export function openTableBy(options: Options): OpenTable {
  return async ({ namespace, spec, installation, sink, signal }) => {
    const { createPostgresSink } = await import('../../drivers/table-sink/postgres/postgres-sink.ts');
    const session = await sessionOptionsOf(options, namespace, spec, signal);
    const { table, positions, key } = spec;
    return createPostgresSink({
      ...{ installation, sink, table, positions, key, session },
      columns: Object.keys(spec.columns),
    });
  };
}
