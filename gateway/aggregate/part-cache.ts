// Keeps answers of a part: fresh ones are given at once, old ones while they are
// fetched anew or cannot be.
import { TenfoldError } from '../../core/errors.ts';
import type { World } from '../../core/world.ts';
import { fieldOf } from '../http/fields.ts';
import { fieldOfAnswer } from '../upstream/buffered-call.ts';
import { isUnkeyed } from '../upstream/forwarded-fields.ts';
import type { PartCall, PartCaller, PartReply, ReplyReceiver } from './part-caller.ts';

export interface PartCacheSettings {
  readonly ttl: number;
  readonly staleWhileRevalidate: number;
  readonly staleIfError: number;
  readonly vary: readonly string[];
  readonly perConsumer: boolean;
  readonly statuses: readonly number[];
}

interface StoredReply {
  readonly reply: PartReply;
  readonly at: number;
  readonly bytes: number;
}

/**
 * One fetch for all who ask for the same at the same time. It belongs to
 * none of them: any may leave.
 */
interface Fetch {
  readonly waiting: Set<ReplyReceiver>;
}

export interface PartCache {
  readonly entries: Map<string, StoredReply>;
  readonly fetches: Map<string, Fetch>;
  bytes: number;
}

/** Over it the least recently used entry is dropped. */
const MAX_BYTES = 16 * 1024 * 1024;
/** How long before its deadline a caller gets an old answer. */
const MARGIN_MS = 20;
/** Bytes that an entry takes besides its body and key. */
const OVERHEAD_BYTES = 512;

const NOBODY: NonNullable<PartCall['asker']> = { params: {}, claims: {}, consumer: '' };

export function createPartCache(): PartCache {
  return { entries: new Map(), fetches: new Map(), bytes: 0 };
}

export interface CachedCallerInit {
  readonly settings: PartCacheSettings;
  /** Kept from one plan to the next. */
  readonly cache: PartCache;
  /** The target sees parameters, claims and consumer of the caller, as an aggregate does. */
  readonly seesAsker: boolean;
  /** How long a fetch may take, as nobody's deadline ends it. */
  readonly fetchMs: number;
}

export function cached(world: World, caller: PartCaller, init: CachedCallerInit): PartCaller {
  const { settings, cache, fetchMs } = init;
  const { ttl, staleWhileRevalidate, staleIfError } = settings;
  const statuses = new Set(settings.statuses);
  const oldest = ttl + Math.max(staleWhileRevalidate, staleIfError);

  const keep = (key: string, call: PartCall, reply: PartReply) => {
    const bytes = reply.answer.body.length * 3 + key.length * 2 + OVERHEAD_BYTES;
    forget(cache, key);
    if (bytes > MAX_BYTES || !statuses.has(reply.value.status) || !mayBeKept(reply, call, settings.perConsumer)) return;
    cache.entries.set(key, { reply, at: world.monotonic(), bytes });
    cache.bytes += bytes;
    for (const oldestKey of cache.entries.keys()) {
      if (cache.bytes <= MAX_BYTES) break;
      forget(cache, oldestKey);
    }
  };

  const fetch = (key: string, call: PartCall): Fetch => {
    const under = cache.fetches.get(key);
    if (under) return under;
    const started: Fetch = { waiting: new Set() };
    cache.fetches.set(key, started);
    const end = (tell: (receiver: ReplyReceiver) => void) => {
      timer.cancel();
      cache.fetches.delete(key);
      for (const receiver of [...started.waiting]) tell(receiver);
    };
    const lost = (tell: (receiver: ReplyReceiver) => void) => {
      const kept = cache.entries.get(key);
      const ageMs = kept ? world.monotonic() - kept.at : 0;
      if (kept && ageMs <= ttl + staleIfError)
        end(receiver => receiver.answered({ ...kept.reply, ageMs, stale: true }));
      else end(tell);
    };
    let cancel = () => {};
    const timer = world.after(fetchMs, () => {
      cancel();
      lost(receiver => receiver.failed(new TenfoldError('timeout', `No complete answer within ${fetchMs} ms.`)));
    });
    // The answers come later than this call, so that the caller is on the list before.
    queueMicrotask(() => {
      cancel = caller(
        { ...call, timeoutMs: fetchMs },
        {
          answered(reply) {
            if (reply.value.status >= 500) return lost(receiver => receiver.answered(reply));
            keep(key, call, reply);
            end(receiver => receiver.answered(reply));
          },
          failed: error => lost(receiver => receiver.failed(error)),
          hedged() {
            for (const receiver of started.waiting) receiver.hedged?.();
          },
        },
      );
    });
    return started;
  };

  return (asked, receiver) => {
    const consumer = settings.perConsumer ? (asked.asker?.consumer ?? '') : '';
    // The caller shows credentials that nobody has checked, so the owner of the answer is not
    // known.
    if (settings.perConsumer && consumer === '' && hasCredentials(asked)) return caller(asked, receiver);
    const call = { ...asked, asker: init.seesAsker ? visibleOf(asked.asker, settings.perConsumer) : NOBODY };
    const key = keyOf(call, consumer);
    const kept = cache.entries.get(key);
    const ageMs = kept ? world.monotonic() - kept.at : 0;
    if (kept && ageMs > oldest) forget(cache, key);
    else if (kept && ageMs <= ttl + staleWhileRevalidate) {
      // Used last, so forgotten last.
      cache.entries.delete(key);
      cache.entries.set(key, kept);
      if (ageMs > ttl) fetch(key, call);
      receiver.answered({ ...kept.reply, ageMs, stale: ageMs > ttl });
      return () => {};
    }
    const { waiting } = fetch(key, call);
    waiting.add(receiver);
    if (!kept || ageMs > ttl + staleIfError) return () => waiting.delete(receiver);
    // The caller has less time than the fetch: an old answer in time is better than none.
    const lastMoment = world.after(call.timeoutMs - Math.min(MARGIN_MS, call.timeoutMs / 10), () => {
      if (waiting.delete(receiver)) receiver.answered({ ...kept.reply, ageMs: ageMs + call.timeoutMs, stale: true });
    });
    return () => {
      lastMoment.cancel();
      waiting.delete(receiver);
    };
  };
}

function forget(cache: PartCache, key: string): void {
  const kept = cache.entries.get(key);
  if (!kept) return;
  cache.entries.delete(key);
  cache.bytes -= kept.bytes;
}

/**
 * The facts about the caller that the target may see; none of them is part of an answer for all
 * consumers.
 */
function visibleOf(asker: PartCall['asker'], perConsumer: boolean): NonNullable<PartCall['asker']> {
  if (asker === undefined) return NOBODY;
  return perConsumer ? asker : { ...NOBODY, params: asker.params };
}

/** All parts of the call that may change the target's answer. */
function keyOf(call: PartCall, consumer: string): string {
  const { params, claims } = call.asker ?? NOBODY;
  let key = `${call.method} ${call.path}\n${consumer}\n${JSON.stringify([params, claims])}\n${call.body ?? ''}`;
  for (let index = 0; index + 1 < call.headers.length; index += 2) {
    const name = call.headers[index] ?? '';
    if (!isUnkeyed(name)) key += `\n${name}:${call.headers[index + 1]}`;
  }
  return key;
}

/** RFC 9111 §3, for a cache that others share unless it keeps consumers apart. */
function mayBeKept(reply: PartReply, call: PartCall, perConsumer: boolean): boolean {
  const { answer } = reply;
  if (fieldOfAnswer(answer, 'set-cookie') !== undefined) return false;
  const control = (fieldOfAnswer(answer, 'cache-control') ?? '').toLowerCase();
  if (/(?:^|[\s,])no-(?:store|cache)(?:$|[\s,=])/.test(control)) return false;
  if (!perConsumer && /(?:^|[\s,])private(?:$|[\s,=])/.test(control)) return false;
  const vary = fieldOfAnswer(answer, 'vary');
  if (vary === undefined) return true;
  // A field that the call does not carry, or that is part of the key, cannot change the next
  // answer.
  const differs = (name: string) => name === '*' || (isUnkeyed(name) && fieldOf(call.headers, name) !== undefined);
  return !vary
    .toLowerCase()
    .split(',')
    .some(name => differs(name.trim()));
}

function hasCredentials({ headers }: PartCall): boolean {
  return fieldOf(headers, 'authorization') !== undefined || fieldOf(headers, 'cookie') !== undefined;
}
