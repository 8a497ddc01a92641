// The answer to a followed question at one moment, and how one answer becomes another.
import { hash } from 'node:crypto';

export interface LiveItem {
  /** Key, member or id. */
  readonly id: string;
  /** Members of the item as JSON, without the braces, in one line. */
  readonly text: string;
}

export interface LiveAnswer {
  readonly items: readonly LiveItem[];
  /** Whether more match than the question asks for. */
  readonly more: boolean;
  /** Stands for all of the answer: equal answers have equal ones, in any process. */
  readonly digest: string;
  /** About what it takes in memory. */
  readonly bytes: number;
  /** Bytes of the items that the answer before did not have. */
  readonly newBytes: number;
}

export interface LiveChange {
  /** Ids of items that are not there any more. */
  readonly removed: readonly string[];
  /** Items that are new, are others or have moved, by ascending place. */
  readonly placed: readonly { readonly at: number; readonly item: LiveItem }[];
}

/** Bytes of an item beside its texts. */
const OVERHEAD = 100;

/** Items that are as they were `before` take no memory again. */
export function toAnswer(found: readonly LiveItem[], more: boolean, before?: LiveAnswer): LiveAnswer {
  const known = new Map(before?.items.map(item => [item.id, item]));
  let [bytes, newBytes] = [0, 0];
  const items = found.map(item => {
    const size = item.id.length + item.text.length + OVERHEAD;
    bytes += size;
    const same = known.get(item.id);
    if (same?.text === item.text) return same;
    newBytes += size;
    return item;
  });
  const digest = hash('sha256', JSON.stringify([more, items.map(({ text }) => text)]), 'base64url').slice(0, 22);
  return { items, more, digest, bytes, newBytes };
}

/**
 * The later answer comes of the former: take out all that was removed or placed, and then put each
 * of the placed at its place, one after the other.
 */
export function changeBetween(from: LiveAnswer, to: LiveAnswer): LiveChange {
  const before = new Map(from.items.map((item, at) => [item.id, { item, at }]));
  const placed: { readonly at: number; readonly item: LiveItem }[] = [];
  let newest = -1;
  for (const [at, item] of to.items.entries()) {
    const was = before.get(item.id);
    before.delete(item.id);
    if (was?.item.text === item.text && was.at > newest) newest = was.at;
    else placed.push({ at, item });
  }
  return { removed: [...before.keys()], placed };
}
