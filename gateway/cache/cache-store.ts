// Answers in memory, within a bound: the least recently used one is dropped first. One store for
// all routes of a process.

import type { CachedAnswers, PurgeSelector } from '../plan/instruments.ts';
import { variantKey } from './cache-key.ts';
import type { StoredAnswer } from './stored-answer.ts';

export interface CacheStore extends CachedAnswers {
  /** `fields`: those of the request. */
  find(primary: string, fields: readonly string[], now: number): StoredAnswer | undefined;
  /** Fields that the answers under this key are known to vary by. */
  varyOf(primary: string): readonly string[] | undefined;
  /** Keeps an answer unless something was purged since `epoch`. False when it was not kept. */
  put(primary: string, fields: readonly string[], answer: StoredAnswer, epoch: number): boolean;
  /**
   * Takes memory for an answer that is on its way; false when too much is. As
   * much again as may be kept.
   */
  takeRoom(bytes: number): boolean;
  giveRoom(bytes: number): void;
  /** Raised by each purge. */
  readonly epoch: number;
}

/** All variants of one resource. */
interface Variants {
  readonly vary: readonly string[];
  readonly keys: Set<string>;
}

interface Slot {
  readonly primary: string;
  readonly answer: StoredAnswer;
  readonly bytes: number;
}

/** Moving an entry on each use would cost more than the look-up; once in a while is as good. */
const TOUCH_MS = 1000;

export function createCacheStore(maxBytes: number): CacheStore {
  const slots = new Map<string, Slot>();
  const resources = new Map<string, Variants>();
  let bytes = 0;
  let onTheWay = 0;
  let epoch = 0;

  const forget = (key: string) => {
    const slot = slots.get(key);
    if (!slot) return;
    slots.delete(key);
    bytes -= slot.bytes;
    const variants = resources.get(slot.primary);
    variants?.keys.delete(key);
    if (variants?.keys.size === 0) resources.delete(slot.primary);
  };

  return {
    find(primary, fields, now) {
      const variants = resources.get(primary);
      if (!variants) return undefined;
      const key = variants.vary.length === 0 ? primary : primary + variantKey(variants.vary, fields);
      const slot = slots.get(key);
      if (!slot) return undefined;
      if (now - slot.answer.usedAt > TOUCH_MS) {
        slot.answer.usedAt = now;
        slots.delete(key);
        slots.set(key, slot);
      }
      return slot.answer;
    },
    varyOf: primary => resources.get(primary)?.vary,
    put(primary, fields, answer, since) {
      if (since !== epoch || answer.bytes > maxBytes) return false;
      const { vary } = answer.freshness;
      const known = resources.get(primary);
      // The newest answer says which fields it depends on; answers stored by other fields cannot be
      // found any more.
      if (known && known.vary.join() !== vary.join()) for (const key of known.keys) forget(key);
      const key = primary + variantKey(vary, fields);
      forget(key);
      const variants = resources.get(primary) ?? { vary, keys: new Set() };
      variants.keys.add(key);
      resources.set(primary, variants);
      const slot = { primary, answer, bytes: answer.bytes + 4 * key.length };
      slots.set(key, slot);
      bytes += slot.bytes;
      for (const oldest of slots.keys()) {
        if (bytes <= maxBytes) break;
        forget(oldest);
      }
      return true;
    },
    purge(selector) {
      epoch++;
      let purged = 0;
      for (const [key, slot] of slots) {
        if (!matches(slot.answer, selector)) continue;
        forget(key);
        purged++;
      }
      return purged;
    },
    takeRoom(more) {
      if (onTheWay + more > maxBytes) return false;
      onTheWay += more;
      return true;
    },
    giveRoom(less) {
      onTheWay -= less;
    },
    get epoch() {
      return epoch;
    },
    get bytes() {
      return bytes;
    },
    get size() {
      return slots.size;
    },
  };
}

function matches({ owner, path, tags }: StoredAnswer, selector: PurgeSelector): boolean {
  return (
    (selector.namespace === undefined || owner.namespace === selector.namespace) &&
    (selector.api === undefined || owner.name === selector.api) &&
    (selector.route === undefined || owner.route === selector.route) &&
    (selector.path === undefined || path === selector.path) &&
    (selector.prefix === undefined || path.startsWith(selector.prefix)) &&
    (selector.tag === undefined || tags.has(selector.tag))
  );
}
