// Fetches a small JSON document from an issuer of tokens: bounded in time and size, no redirects,
// addresses checked by the transport.
import { TenfoldError } from '../../core/errors.ts';
import { childContext } from '../../core/trace-context.ts';
import type { World } from '../../core/world.ts';
import type { Transport } from '../transport/transport.ts';
import { callTarget } from '../upstream/buffered-call.ts';
import { createUrlTarget } from '../upstream/url-target.ts';

const TIMEOUT_MS = 5_000;
const MAX_BYTES = 256 * 1024;

export type FetchJson = (url: string, signal: AbortSignal) => Promise<unknown>;

/**
 * `namespace`: for which it asks. Rejects with a TenfoldError that names the fault of the answer,
 * but not its origin.
 */
export function createFetchJson(world: World, transport: Transport, namespace: string): FetchJson {
  return async (url, signal) => {
    const { origin, pathname, search } = new URL(url);
    const { status, body } = await callTarget(world, createUrlTarget(transport, namespace, origin), {
      method: 'GET',
      path: pathname + search,
      headers: ['accept', 'application/json'],
      body: null,
      trace: childContext(undefined),
      timeoutMs: TIMEOUT_MS,
      maxBody: MAX_BYTES,
      signal,
    });
    if (status !== 200) throw new TenfoldError('bad-gateway', `The answer has status ${status}, not 200.`);
    try {
      return JSON.parse(body.toString('utf8'));
    } catch (cause) {
      throw new TenfoldError('bad-gateway', 'The answer is not JSON.', { cause });
    }
  };
}
