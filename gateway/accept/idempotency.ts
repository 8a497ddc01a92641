// Idempotency-Key (draft-ietf-httpapi-idempotency-key-header-07): the same request under the same
// key gives the same job, not a second one.
import { createHash } from 'node:crypto';
import { parseItem } from 'structured-headers';
import { TenfoldError } from '../../core/errors.ts';
import type { Incarnation } from '../../core/incarnation.ts';
import { assertFirstVersion } from '../../core/stored-version.ts';
import type { World } from '../../core/world.ts';
import { noReminders, putLasting, type Reminders, remindOfMet } from '../../drivers/store/reminders.ts';
import type { Keys } from '../../drivers/store/store.ts';

const MAX_LENGTH = 255;
/**
 * After so long a request that has not ended is taken for one that died; its job may
 * be in the log all the same.
 */
const ABANDONED_MS = 30_000;

/** The stored memory of a key. */
interface Memory {
  /** Hash of the request: a different one under the same key is another request. */
  readonly print: string;
  /** The job's nonce, also for a process that takes the request up again. */
  readonly nonce: string;
  /** Milliseconds since 1970; 0 when it ended without anybody knowing how. */
  readonly at: number;
  readonly job?: string;
  /** Epoch of the process that took the request. */
  readonly incarnation?: string | undefined;
}

/**
 * `job`: the answer is known. Otherwise the caller appends the job under `nonce` and reports the
 * outcome.
 */
export type KeyedJob =
  | { readonly job: string }
  | {
      readonly nonce: string;
      accepted(job: string): Promise<void>;
      /** Nothing was appended, or nobody knows. */
      failed(known: boolean): Promise<void>;
    };

export interface IdempotencyScope {
  readonly world: World;
  readonly store: Keys;
  /** Scope of the queue and of the key's owner. */
  readonly scope: string;
  readonly windowMs: number;
  /** See `EventEndpointsOptions`. */
  readonly incarnation?: Incarnation | undefined;
  readonly reminders?: Reminders | undefined;
}

/**
 * The key of a request; undefined without one. It is a quoted Structured Field string (RFC 9651
 * §3.3.3), or, as many clients send it, the same text without its quotes. A value that could be
 * several keys, or a key with parameters, is refused:
 * nobody knows which request would be another.
 */
export function readIdempotencyKey(fields: readonly string[]): string | undefined {
  const texts: string[] = [];
  for (let index = 0; index + 1 < fields.length; index += 2) {
    if (fields[index] === 'idempotency-key') texts.push((fields[index + 1] ?? '').trim());
  }
  const [text] = texts;
  if (text === undefined) return undefined;
  const key = texts.length > 1 ? undefined : text.startsWith('"') ? quotedKey(text) : PLAIN_KEY.exec(text)?.[0];
  if (key !== undefined && key !== '' && key.length <= MAX_LENGTH) return key;
  throw new TenfoldError(
    'bad-request',
    `Idempotency-Key is one text of 1 to ${MAX_LENGTH} characters, such as "8e03978e-40d5-43dd-bc93-6894a57f9324", with its quotes or without. Without quotes it has no spaces, commas, semicolons or backslashes.`,
  );
}

/** Visible ASCII but for what divides, ends or escapes in a field. */
const PLAIN_KEY = /^[!#-+\--:<-[\]-~]+$/;

function quotedKey(text: string): string | undefined {
  try {
    const [key, parameters] = parseItem(text);
    return typeof key === 'string' && parameters.size === 0 ? key : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Rejects with `in-progress` or `key-reused`, with `later-release` where a later release remembers
 * the key, or as the store does.
 */
export async function beginIdempotent(
  { world, store, scope, windowMs, incarnation, reminders = noReminders }: IdempotencyScope,
  key: string,
  print: string,
): Promise<KeyedJob> {
  const name = createHash('sha256').update(key).digest('base64url');
  const write = (memory: Memory, when: 'absent' | { readonly version: string }) =>
    store.put(scope, name, JSON.stringify(memory), { ttlMs: windowMs, when });

  const attempt = (memory: Memory, version: string): KeyedJob => ({
    nonce: memory.nonce,
    // The job is accepted whatever becomes of these: a repeat would append it under its nonce
    // again, and it is worked once.
    accepted(job) {
      const value = JSON.stringify({ ...memory, job });
      return quietly(putLasting(store, reminders, { scope, key: name, value, ttlMs: windowMs, version }));
    },
    failed: known =>
      quietly(
        known && memory.at !== 0 ? store.delete(scope, name, { version }) : write({ ...memory, at: 0 }, { version }),
      ),
  });

  const now = world.now();
  const nonce = nonceOf([scope, name, print, Math.floor(now / windowMs)]);
  const fresh: Memory = { print, nonce, at: now, incarnation: incarnation?.id };
  const first = await write(fresh, 'absent');
  if (first.written) return attempt(fresh, first.version);
  const met = first.entry && (JSON.parse(Buffer.from(first.entry.value).toString('utf8')) as Memory);
  if (first.entry === undefined || met === undefined) throw inProgress();
  assertFirstVersion('what is remembered of this Idempotency-Key', met);
  if (met.print !== print) {
    throw new TenfoldError('key-reused', 'This Idempotency-Key was used with another request before. Send a new key.');
  }
  if (met.job !== undefined) {
    const ttlMs = Math.min(windowMs, met.at + windowMs - now);
    remindOfMet(store, reminders, { scope, key: name, value: JSON.stringify(met), ttlMs });
    return { job: met.job };
  }
  const isDead =
    incarnation !== undefined && met.incarnation !== undefined && (await incarnation.isOver(met.incarnation));
  // Also by a clock that is far ahead of this one, or nobody would get through
  // until it is so late here.
  if (!isDead && Math.abs(world.now() - met.at) < ABANDONED_MS) throw inProgress();
  // Kept as unknown until its end is known: the earlier one may have appended the job.
  const again: Memory = { ...met, at: world.now(), incarnation: incarnation?.id };
  const taken = await write(again, { version: first.entry.version });
  if (!taken.written) throw inProgress();
  return {
    ...attempt(again, taken.version),
    failed: () => quietly(write({ ...again, at: 0 }, { version: taken.version })),
  };
}

/**
 * 16 hexadecimal digits, the same for the same request in the same stretch of time. A store that
 * forgets the key, as in a fail-over, thus causes no second job. A stretch is as long as a window:
 * a key that is used anew afterwards gives another job. A key that is forgotten just as a stretch
 * ends gives another one as well.
 */
function nonceOf(request: readonly (string | number)[]): string {
  return createHash('sha256').update(JSON.stringify(request)).digest('hex').slice(0, 16);
}

function inProgress(): TenfoldError {
  return new TenfoldError(
    'in-progress',
    'A request with this Idempotency-Key is being worked on. Ask again in a moment.',
    {
      retryAfterSeconds: 1,
    },
  );
}

async function quietly(write: Promise<unknown>): Promise<void> {
  try {
    await write;
  } catch {
    // See above.
  }
}
