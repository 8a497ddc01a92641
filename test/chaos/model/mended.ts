// Events that are given up until their function is mended: redriven ones are delivered or dead
// again, none is lost; and while one is held, none of its key overtakes it.
import type { Handler } from '../functions/work.ts';
import { type Reading, readingId } from './readings.ts';

export interface Mended {
  readonly handler: Handler;
  /** It will never be handled, whoever redrives it. */
  isHopeless(id: string): boolean;
  /** Somebody is about to let its key go on without it. */
  skips(id: string): void;
  /**
   * By the ids of what was published and of what is dead, once all that is
   * not hopeless was redriven.
   */
  differences(published: readonly string[], dead: readonly string[]): string[];
  /** Within a partition, by the ids in it. */
  outOfOrder(partitions: readonly (readonly string[])[]): string[];
}

/** One in so many fails at first, and one in so many of those for ever. */
export interface Failing {
  /** What is given up holds its key: nothing overtakes it. */
  readonly holds: boolean;
  readonly every: number;
  readonly hopelessEvery: number;
  /** Calls that fail of each of the others. */
  readonly calls: number;
}

/** Not of those that are published twice, whose second copy would be their redrive. */
const FIRST = 3;

export function createMended({ holds, every, hopelessEvery, calls }: Failing): Mended {
  const tried = new Map<string, number>();
  const handled = new Set<string>();
  const skipped = new Set<string>();
  const begun = new Set<string>();
  const early: { readonly id: string; readonly before: string }[] = [];
  const numberOf = (id: string) => Number(id.slice(id.lastIndexOf('-') + 1));
  const fails = (number: number) => number % every === FIRST;
  const isHopeless = (id: string) => numberOf(id) % (every * hopelessEvery) === FIRST;
  const begins = (id: string, { sensor, number }: Reading) => {
    if (!holds || begun.has(id)) return;
    begun.add(id);
    const before = readingId({ sensor, number: number - 1 });
    if (number > 1 && !handled.has(before) && !skipped.has(before)) early.push({ id, before });
  };
  return {
    isHopeless,
    handler(body) {
      const reading: Reading = JSON.parse(body);
      const id = readingId(reading);
      begins(id, reading);
      const count = (tried.get(id) ?? 0) + 1;
      tried.set(id, count);
      return {
        ms: 2,
        fails: isHopeless(id) || (fails(reading.number) && count <= calls),
        done() {
          handled.add(id);
          return '';
        },
        failed() {},
      };
    },
    skips: id => void skipped.add(id),
    differences(published, dead) {
      const ids = new Set(published);
      const letters = new Set(dead);
      return [
        ...[...ids].filter(id => !handled.has(id) && !letters.has(id)).map(id => `${id} is neither handled nor dead`),
        ...[...letters].filter(id => !isHopeless(id)).map(id => `${id} is dead still`),
        ...[...letters].filter(id => !ids.has(id)).map(id => `${id} is dead, and was never published`),
      ];
    },
    outOfOrder(partitions) {
      const mayBegin = (id: string, before: string) =>
        partitions.some(ids => ids.includes(id) && !ids.slice(0, ids.indexOf(id)).includes(before));
      return early
        .filter(({ id, before }) => !mayBegin(id, before))
        .map(({ id, before }) => `${id} began while ${before} was open`);
    },
  };
}
