// Says in the store's words what a Redis server or the connection to it answered.
import { ErrorReply } from '@redis/client';
import { TenfoldError } from '../../../core/errors.ts';

interface Meaning {
  readonly code: 'store-unavailable' | 'overloaded' | 'data-corrupt';
  readonly says: string;
  /** Whether another server may be the right one by now. */
  readonly moved?: true;
}

const MEANINGS: Readonly<Record<string, Meaning>> = {
  OOM: { code: 'overloaded', says: 'Redis has used up its memory (maxmemory) and takes no more' },
  BUSY: { code: 'overloaded', says: 'Redis is busy with a script that somebody runs' },
  LOADING: { code: 'store-unavailable', says: 'Redis is still loading its data' },
  READONLY: { code: 'store-unavailable', says: 'This Redis is a replica and takes no writes', moved: true },
  MASTERDOWN: { code: 'store-unavailable', says: 'This Redis is a replica that has lost its master', moved: true },
  NOREPLICAS: {
    code: 'store-unavailable',
    says: 'Redis has fewer replicas than it needs to write (min-replicas-to-write)',
  },
  MISCONF: { code: 'store-unavailable', says: 'Redis cannot write to its disk' },
  CLUSTERDOWN: { code: 'store-unavailable', says: 'The Redis cluster has no node for this part of the data' },
  TRYAGAIN: { code: 'store-unavailable', says: 'The Redis cluster is moving this part of the data' },
  MOVED: { code: 'store-unavailable', says: 'The Redis cluster has moved this part of the data', moved: true },
  UNBLOCKED: { code: 'store-unavailable', says: 'Redis became a replica', moved: true },
  NOAUTH: { code: 'store-unavailable', says: 'Redis wants a password' },
  WRONGPASS: { code: 'store-unavailable', says: 'Redis does not take this user name and password' },
  NOPERM: {
    code: 'store-unavailable',
    says: 'The user may not do this in Redis (see the ACL in docs/decisions/2026-11-25-redis-client.md)',
  },
  WRONGTYPE: { code: 'data-corrupt', says: 'Something else has written to keys of the store in Redis' },
};

export function toStoreError(error: unknown): TenfoldError {
  if (error instanceof TenfoldError) return error;
  const meaning = meaningOf(error);
  const text = error instanceof Error ? error.message || error.name : String(error);
  if (meaning) return new TenfoldError(meaning.code, `${meaning.says}: ${text}`, { cause: error });
  if (error instanceof ErrorReply)
    return new TenfoldError('store-unavailable', `Redis refused what it was asked: ${text}`, { cause: error });
  return new TenfoldError(
    'store-unavailable',
    `Redis cannot be reached, or the connection was lost on the way: ${text}`,
    { cause: error },
  );
}

/** Whether it answers, but is not the one to ask any more. */
export function hasMoved(error: unknown): boolean {
  return meaningOf(error)?.moved === true;
}

export function isUnknownScript(error: unknown): boolean {
  return error instanceof ErrorReply && error.message.startsWith('NOSCRIPT');
}

/** Errors of commands inside a script come with the code first, or after -ERR in older servers. */
function meaningOf(error: unknown): Meaning | undefined {
  if (!(error instanceof ErrorReply)) return undefined;
  const [, word = ''] = /^(?:ERR )?-?([A-Z]+)\b/.exec(error.message) ?? [];
  return MEANINGS[word];
}
