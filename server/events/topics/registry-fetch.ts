// Asks a schema registry over the platform's own transport: addresses checked, redirects not
// followed, bounded in time and size.
import { TenfoldError } from '../../../core/errors.ts';
import { childContext } from '../../../core/trace-context.ts';
import type { World } from '../../../core/world.ts';
import { type RegistryFetch, unavailable } from '../../../drivers/event-log/shared/registry/registry-api.ts';
import type { SecretReader } from '../../../gateway/plan/plan-context.ts';
import type { Transport } from '../../../gateway/transport/transport.ts';
import { callTarget } from '../../../gateway/upstream/buffered-call.ts';
import { createUrlTarget } from '../../../gateway/upstream/url-target.ts';

export interface RegistryFetchOptions {
  readonly world: World;
  readonly transport: Transport;
  readonly secrets: SecretReader;
  readonly namespace: string;
  readonly url: string;
  /** Name of a Secret with `username` and `password`; it is read anew with each question. */
  readonly credentials: string | undefined;
}

/** Shorter than an endpoint waits for an append. */
const TIMEOUT_MS = 3_000;
const MAX_BYTES = 1024 * 1024;

export function createRegistryFetch(options: RegistryFetchOptions): RegistryFetch {
  const { world, transport, namespace, url } = options;
  const { host } = new URL(url);
  const target = createUrlTarget(transport, namespace, url);
  return async path => {
    const headers = ['accept', 'application/vnd.schemaregistry.v1+json, application/json', ...authorization(options)];
    try {
      return await callTarget(world, target, {
        method: 'GET',
        path,
        headers,
        body: null,
        trace: childContext(undefined),
        timeoutMs: TIMEOUT_MS,
        maxBody: MAX_BYTES,
        signal: new AbortController().signal,
      });
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw unavailable(`The schema registry ${host} cannot be asked: ${why}`, error);
    }
  };
}

function authorization({ secrets, namespace, credentials }: RegistryFetchOptions): string[] {
  if (credentials === undefined) return [];
  const { username, password } = secrets(namespace, credentials) ?? {};
  if (username === undefined || password === undefined)
    throw new TenfoldError(
      'log-unavailable',
      `The Secret ${credentials} is not there, or has no username and password, which the schema registry needs.`,
      { retryAfterSeconds: 5 },
    );
  return ['authorization', `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`];
}
