// How a Redis is reached: one server, a group watched by Sentinel, or a cluster; and what that
// means to the client library.
import { setMaxListeners } from 'node:events';
import { type ConnectionOptions, rootCertificates } from 'node:tls';
import { createClient, createCluster, createSentinel, RESP_TYPES } from '@redis/client';
import { TenfoldError } from '../../../core/errors.ts';
import { pauseAfter } from '../../../core/retry/backoff.ts';
import type { World } from '../../../core/world.ts';

export interface RedisTls {
  /** PEM of the authorities to trust beside those that Node.js knows. */
  readonly ca?: string | undefined;
  /** PEM of the client's certificate and key. */
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  readonly servername?: string | undefined;
}

export interface RedisConnection {
  /**
   * `redis://` or `rediss://` (TLS) with host and port, user name and password if need be. Several
   * for Sentinel and for a cluster.
   */
  readonly urls: readonly string[];
  readonly mode?: 'single' | 'sentinel' | 'cluster' | undefined;
  /** Name of the group that the Sentinels at `urls` watch. */
  readonly sentinelName?: string | undefined;
  /** The user at the servers. A url with a user goes before it for one server and a cluster. */
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** Also turns TLS on. */
  readonly tls?: RedisTls | undefined;
}

/** A value is bytes, whatever it looks like. */
export const AS_BUFFERS = { [RESP_TYPES.BLOB_STRING]: Buffer } as const;

export type AnyClient = ReturnType<typeof createRedisClient>;

/** Between attempts to connect: soon at first, as most connections are lost for a moment. */
const PAUSES = { base: 60, max: 2_500 };

/**
 * Ends it with all its connections, also those that are only being opened: the library forgets
 * these, and one of them would keep the process alive.
 */
export function endClient({ client, opening }: AnyClient): void {
  try {
    const ended: unknown = client.destroy();
    if (ended instanceof Promise) ended.catch(() => {});
  } catch {
    // It was not open.
  }
  opening.abort();
}

/**
 * Never queues for a connection that is not there, and never resends requests that were under way
 * when one was lost: the caller learns at once, and decides. `timeoutMs`: the longest time of
 * opening a connection.
 */
export function createRedisClient(world: Pick<World, 'random'>, connection: RedisConnection, timeoutMs: number) {
  const endpoints = connection.urls.map(parseUrl);
  const [first] = endpoints;
  if (!first) throw invalid('A Redis needs a url.');
  const opening = new AbortController();
  // Each connection listens to it as long as it is there.
  setMaxListeners(0, opening.signal);
  const { signal } = opening;
  const reconnectStrategy = (retries: number) => Math.round(pauseAfter(retries + 1, PAUSES, world.random()));
  const node = {
    socket: { connectTimeout: timeoutMs, reconnectStrategy, signal, ...tlsOf(connection, first) },
    ...credentials(connection),
    name: 'tenfold',
  };
  const common = { RESP: 2 } as const;
  if (connection.mode === 'cluster') {
    const rootNodes = connection.urls.map(url => ({ url }));
    const own = { username: first.username, password: first.password };
    const given = Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined));
    return {
      kind: 'cluster' as const,
      opening,
      client: createCluster({ ...common, rootNodes, defaults: { ...node, ...given, disableOfflineQueue: true } }),
    };
  }
  if (connection.mode === 'sentinel') {
    if (connection.sentinelName === undefined)
      throw invalid('A group that Sentinel watches needs its name (sentinelName).');
    const sentinels = { socket: node.socket, ...ownCredentials(first) };
    const client = createSentinel({
      ...common,
      name: connection.sentinelName,
      sentinelRootNodes: endpoints.map(({ host, port }) => ({ host, port })),
      nodeClientOptions: node,
      sentinelClientOptions: sentinels,
      scanInterval: 1000,
      // Otherwise it would send again what was under way when the connection was lost.
      maxCommandRediscovers: 0,
      passthroughClientErrorEvents: false,
    });
    return { kind: 'sentinel' as const, opening, client };
  }
  if (connection.urls.length > 1)
    throw invalid('Several urls are those of Sentinels or of a cluster; mode says which.');
  const client = createClient({
    ...common,
    ...node,
    ...ownCredentials(first),
    socket: { ...node.socket, host: first.host, port: first.port },
    disableOfflineQueue: true,
  });
  return { kind: 'single' as const, opening, client };
}

interface Endpoint {
  readonly host: string;
  readonly port: number;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly tls: boolean;
}

function parseUrl(text: string): Endpoint {
  const url = URL.parse(text);
  // The text itself may hold a password.
  if (!url || !/^rediss?:$/.test(url.protocol) || url.hostname === '')
    throw invalid('The address of a Redis is written redis://host:port or rediss://user:password@host:port.');
  if (url.pathname !== '' && url.pathname !== '/' && url.pathname !== '/0')
    throw invalid('Databases with numbers are not used; name a prefix instead.');
  const decode = (part: string) => (part === '' ? undefined : decodeURIComponent(part));
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? 6379 : Number(url.port),
    username: decode(url.username),
    password: decode(url.password),
    tls: url.protocol === 'rediss:',
  };
}

function tlsOf(
  { tls }: RedisConnection,
  { tls: wanted }: Endpoint,
): ({ tls: true } & ConnectionOptions) | Record<string, never> {
  if (!wanted && !tls) return {};
  const { ca, cert, key, servername } = tls ?? {};
  return {
    tls: true,
    ...(ca === undefined ? {} : { ca: [...rootCertificates, ca] }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(servername === undefined ? {} : { servername }),
  };
}

function credentials({ username, password }: Pick<RedisConnection, 'username' | 'password'>) {
  return { ...(username === undefined ? {} : { username }), ...(password === undefined ? {} : { password }) };
}

function ownCredentials({ username, password }: Endpoint) {
  return credentials({ username, password });
}

function invalid(message: string): TenfoldError {
  return new TenfoldError('invalid-input', message);
}
