// Leaves out events that were delivered under the same key within a window, also while the first is
// still under way.
import { createHash } from 'node:crypto';
import { compileTemplate } from '../../core/cel/template.ts';
import { exactFromRecord } from '../../core/cloudevents/record.ts';
import type { Incarnation } from '../../core/incarnation.ts';
import { assertFirstVersion } from '../../core/stored-version.ts';
import { sleep, type World } from '../../core/world.ts';
import { putLasting, type Reminders, remindOfMet } from '../../drivers/store/reminders.ts';
import type { Store } from '../../drivers/store/store.ts';
import { scopeOf } from '../../resources/references/scopes.ts';
import type { DeliveryItem, Destination, Outcome } from './destination.ts';
import { errorToOutcome } from './to-outcome.ts';

export interface IdempotencyOptions {
  readonly world: World;
  readonly store: Pick<Store, 'get' | 'put' | 'delete'>;
  /** Consumer group: windows of different consumers are independent. */
  readonly group: string;
  /** Expression over the event, in `${…}`. */
  readonly key: string;
  readonly windowMs: number;
  /**
   * After this long, by the store's clock, nobody is taken to work on an event any more. It is
   * longer than any call.
   */
  readonly workMs: number;
  /**
   * The epoch of this process. Marks of a process that has ended hold nothing up. Without it, that
   * is known only after `workMs`.
   */
  readonly incarnation?: Incarnation | undefined;
  /** Resource name of the topic, for records that are no events. */
  readonly topic: string;
  readonly reminders: Reminders;
}

/** The stored mark of a key. */
interface Mark {
  readonly state: 'working' | 'done';
  /** A digest of the data: the same key with other data is another event. */
  readonly print: string;
  /** Partition and offset of the event that holds the key. */
  readonly holder: string;
  /** The epoch of the process that wrote it. */
  readonly incarnation?: string | undefined;
  /**
   * When the event was delivered, milliseconds since 1970, by the clock of who did. Marks of
   * earlier releases do not say it.
   */
  readonly at?: number;
}

type Claim =
  | { readonly kind: 'go'; readonly scope: string; readonly key: string; readonly mark: Mark; readonly version: string }
  | { readonly kind: 'settled'; readonly outcome: Outcome };

const DONE: Outcome = { kind: 'done' };
const OTHER_DATA = 'An event with the same key and other data has been delivered already.';
/** The event is not delivered meanwhile, so this is no attempt. */
const UNDER_WAY: Outcome = {
  kind: 'later',
  own: true,
  afterMs: 1_000,
  error: { message: 'Another event with the same key is being delivered.' },
};
/** How long an event waits here for the other one before it is tried again later. */
const PATIENCE_MS = 2_000;
const LOOK_MS = 100;

export function withIdempotency(inner: Destination, options: IdempotencyOptions): Destination {
  const { world, store, group, windowMs, workMs, topic, incarnation, reminders } = options;
  const template = compileTemplate(options.key, scopeOf('event'), { expected: 'string', whole: true });

  /** `together`: holders of the same call, which waits for all of them. */
  const claim = async (item: DeliveryItem, together: ReadonlySet<string>, signal: AbortSignal): Promise<Claim> => {
    const { partition, record } = item;
    const event = exactFromRecord(record, { source: `/topics/${topic}`, type: topic, partition, ...record });
    const key = hash(String(template.evaluate({ event })));
    const scope = `idempotency/${group}/${key.slice(0, 2)}`;
    const mark: Mark = {
      state: 'working',
      print: hash(record.value),
      holder: holderOf(item),
      incarnation: incarnation?.id,
    };
    const until = world.monotonic() + PATIENCE_MS;
    for (;;) {
      const outcome = await store.put(scope, key, JSON.stringify(mark), { ttlMs: workMs, when: 'absent' });
      if (outcome.written) return { kind: 'go', scope, key, mark, version: outcome.version };
      const { entry } = outcome;
      const met = entry && parseMark(entry.value, mark.print);
      if (entry && met) {
        if (met.holder !== mark.holder && met.print !== mark.print)
          return { kind: 'settled', outcome: refused(OTHER_DATA) };
        if (met.state === 'done') {
          remindOf(scope, key, met);
          return { kind: 'settled', outcome: DONE };
        }
        // The mark is our own of an earlier attempt, or its process is gone. A process that lives
        // but takes too long loses its mark by the store's clock.
        const isDead =
          incarnation !== undefined && met.incarnation !== undefined && (await incarnation.isOver(met.incarnation));
        if (met.holder === mark.holder || met.holder === '' || isDead) {
          const taken = await store.put(scope, key, JSON.stringify(mark), {
            ttlMs: workMs,
            when: { version: entry.version },
          });
          if (taken.written) return { kind: 'go', scope, key, mark, version: taken.version };
        } else if (together.has(met.holder)) return { kind: 'settled', outcome: UNDER_WAY };
      }
      if (world.monotonic() >= until) return { kind: 'settled', outcome: UNDER_WAY };
      await sleep(world, LOOK_MS, signal);
    }
  };

  /** The event is left out by that mark, and its offset moves on. */
  const remindOf = (scope: string, key: string, met: Mark) => {
    if (met.at === undefined) return;
    const ttlMs = Math.min(windowMs, met.at + windowMs - world.now());
    remindOfMet(store, reminders, { scope, key, value: JSON.stringify(met), ttlMs });
  };

  const settle = async (claimed: Claim, outcome: Outcome): Promise<Outcome> => {
    if (claimed.kind === 'settled') return claimed.outcome;
    const { scope, key, mark, version } = claimed;
    try {
      if (outcome.kind === 'done') {
        const value = JSON.stringify({ ...mark, state: 'done', at: world.now() } satisfies Mark);
        await putLasting(store, reminders, { scope, key, value, ttlMs: windowMs, version });
      } else await store.delete(scope, key, { version });
    } catch {
      // The event was delivered, or was not, whatever the store holds. The mark stays as it is: a
      // repeat of this very event goes on by it.
    }
    return outcome;
  };

  return {
    label: inner.label,
    async deliver(items, signal) {
      const together = new Set(items.map(holderOf));
      const claims = await Promise.all(
        items.map(
          (item): Promise<Claim> =>
            claim(item, together, signal).catch(error => ({ kind: 'settled', outcome: errorToOutcome(error) })),
        ),
      );
      const going = items.filter((_, index) => claims[index]?.kind === 'go');
      const outcomes = going.length === 0 ? [] : await inner.deliver(going, signal);
      let next = 0;
      const all = claims.map(claimed =>
        claimed.kind === 'go' ? (outcomes[next++] ?? again('Nothing was said of the event.')) : DONE,
      );
      return Promise.all(claims.map((claimed, index) => settle(claimed, all[index] ?? DONE)));
    },
  };
}

function refused(message: string): Outcome {
  return { kind: 'failed', retryable: false, error: { message } };
}

function again(message: string): Outcome {
  return { kind: 'failed', retryable: true, error: { message } };
}

function holderOf({ partition, record }: DeliveryItem): string {
  return `${partition}-${record.offset}`;
}

/**
 * An unreadable mark counts as no mark. A mark of a later release is refused (`later-release`), as
 * it may say that the event was delivered.
 */
function parseMark(value: Uint8Array, print: string): Mark {
  const mark = parse(value);
  assertFirstVersion('the mark of an idempotency key', mark);
  return typeof mark?.holder === 'string' ? mark : { state: 'working', print, holder: '' };
}

function parse(value: Uint8Array): Mark | null | undefined {
  try {
    return JSON.parse(Buffer.from(value).toString('utf8'));
  } catch {
    return undefined;
  }
}

function hash(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('base64url').slice(0, 32);
}
