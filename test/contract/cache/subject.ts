// What the contract of the cache endpoint is checked against: somewhere to send requests, and
// time that a test moves on.
import { createCache } from '../../../sdk/client/cache.ts';
import type { CallScope } from '../../../sdk/client/call-endpoint.ts';
import type { Transport, TransportResponse } from '../../../sdk/client/transport.ts';
import type { Logger } from '../../../sdk/context.ts';

export interface CacheSubject {
  /** As functions of the namespace reach it. */
  readonly transport: Transport;
  /** Lets times to live pass. Real time goes on as well: requests that wait do so in it. */
  pass(ms: number): void;
  close(): Promise<void>;
}

export interface Logged {
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>> | undefined;
}

/** One request, as a program without the SDK makes it. */
export function ask(
  { transport }: CacheSubject,
  method: string,
  target: string,
  { headers = {}, body }: { headers?: Record<string, string>; body?: string } = {},
): Promise<TransportResponse> {
  return transport({ method, target, headers, body, signal: AbortSignal.timeout(2 * 60_000) });
}

/** The cache of a function that has so long for its work. */
export function cacheOf({ transport }: Pick<CacheSubject, 'transport'>, remainingMs = 20_000, logs: Logged[] = []) {
  const scope: CallScope = {
    functionName: 'menu',
    signal: AbortSignal.timeout(remainingMs),
    traceparent: '00-0123456789abcdef0123456789abcdef-0123456789abcdef-01',
    origin: undefined,
    depth: 0,
    remainingMs: () => remainingMs,
    transport,
  };
  const log = (message: string, fields?: Logged['fields']) => void logs.push({ message, fields });
  const logger: Logger = { debug: log, info: log, warn: log, error: log, child: () => logger };
  return createCache(scope, () => logger);
}
