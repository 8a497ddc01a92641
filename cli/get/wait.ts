// Waits until a platform answers and the requested resources are ready, as `kubectl wait` does.
import { setTimeout as pause } from 'node:timers/promises';
import type { ResourceSummary } from '../../admin/api.ts';
import { TenfoldError } from '../../core/errors.ts';
import { formatDuration } from '../../core/units/duration.ts';
import { CommandError } from '../command-error.ts';
import type { AdminClient } from '../platform/admin-client.ts';
import { FUNCTION_NAMES, type GetRequest, isUnknownKind } from './show.ts';

const INTERVAL_MS = 100;
/** The failures that may pass by themselves while a platform starts. */
const PASSING: readonly string[] = ['no-platform', 'platform-gone', 'platform-unreachable'];

export type WaitRequest = Pick<GetRequest, 'kind' | 'name' | 'namespace'>;

/**
 * `connect` is retried as long as no platform is there. Rejects with `not-in-time`, and the reason.
 */
export async function waitUntilReady(
  request: WaitRequest,
  connect: () => Promise<AdminClient>,
  timeoutMs: number,
): Promise<AdminClient> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    const { client, missing } = await checkReadiness(request, connect);
    if (client && missing === undefined) return client;
    if (performance.now() + INTERVAL_MS > end) {
      throw new CommandError('not-in-time', `Not ready within ${formatDuration(timeoutMs)}: ${missing}`);
    }
    await pause(INTERVAL_MS);
  }
}

interface ReadinessCheck {
  readonly client?: AdminClient;
  /** Why it is not ready. */
  readonly missing?: string;
}

async function checkReadiness(request: WaitRequest, connect: () => Promise<AdminClient>): Promise<ReadinessCheck> {
  let client: AdminClient | undefined;
  try {
    client = await connect();
    const { readiness } = await client.info();
    if (!readiness.ready) return { missing: readiness.reasons.join(' ') };
    const missing = await missingResource(request, client);
    return missing === undefined ? { client } : { missing };
  } catch (error) {
    if (error instanceof CommandError && PASSING.includes(error.code)) return { missing: error.message };
    // There is nothing to wait for; the command that shows it reports that.
    if (client && isUnknownKind(error)) return { client };
    // A platform that is just closing or starting.
    if (error instanceof TenfoldError && error.retryable) return { missing: error.message };
    throw error;
  }
}

async function missingResource({ kind, name, namespace }: WaitRequest, client: AdminClient) {
  const word = kind?.toLowerCase();
  // Routes and problems are there as soon as the platform is.
  if (word !== undefined && ['route', 'routes', 'problem', 'problems'].includes(word)) return undefined;
  const asked = word === 'all' ? undefined : FUNCTION_NAMES.includes(word ?? '') ? 'Function' : kind;
  const { items } = await client.resources({ kind: asked, namespace, name });
  if (items.length === 0 && name !== undefined) return `There is no ${asked ?? 'resource'} "${name}".`;
  const late = items.find(item => readyOf(item)?.status !== 'True');
  return late && `${late.kind} ${late.name}: ${readyOf(late)?.message ?? 'nothing is known of it.'}`;
}

function readyOf({ conditions }: ResourceSummary) {
  return conditions.find(condition => condition.type === 'Ready');
}
