// The newest lines that each Function of this process wrote, for people who look: bounded in number
// and size, and gone with the process.
import type { FunctionLine, FunctionLines, LineQuery } from '../../admin/asking/ask-view.ts';
import { toTimestamp, type World } from '../../core/world.ts';

export interface KeptLines {
  add(namespace: string, name: string, stream: FunctionLine['stream'], text: string): void;
  read(query: LineQuery): FunctionLines;
}

export interface KeptLineLimits {
  /** Lines of one Function, and the characters of all of them. */
  readonly lines: number;
  readonly characters: number;
  /** Functions; beyond them those go that have been silent for longest. */
  readonly functions: number;
}

const LIMITS: KeptLineLimits = { lines: 1000, characters: 256 * 1024, functions: 200 };

interface Ring {
  /** The first line has the number `dropped`. */
  lines: FunctionLine[];
  dropped: number;
  characters: number;
}

export function createKeptLines(world: Pick<World, 'now' | 'id'>, limits: KeptLineLimits = LIMITS): KeptLines {
  // The Function that wrote last is the last one.
  const rings = new Map<string, Ring>();
  // A position of an earlier process, or of a ring that went, says nothing here.
  const run = world.id();
  return {
    add(namespace, name, stream, text) {
      const key = `${namespace}/${name}`;
      const ring = rings.get(key) ?? { lines: [], dropped: 0, characters: 0 };
      rings.delete(key);
      rings.set(key, ring);
      ring.lines.push({ at: toTimestamp(world.now()), stream, text });
      ring.characters += text.length;
      shrink(ring, limits);
      const [silent] = rings.keys();
      if (rings.size > limits.functions && silent !== undefined) rings.delete(silent);
    },
    read({ namespace, name, text = '', after, limit }) {
      const { lines, dropped } = rings.get(`${namespace}/${name}`) ?? { lines: [], dropped: 0 };
      const end = dropped + lines.length;
      const known = after?.startsWith(`${run}.`) ? Number(after.slice(run.length + 1)) : undefined;
      const wanted = text.toLowerCase();
      const numbered = lines.map((line, index) => ({ line, number: dropped + index }));
      const matching = numbered.filter(({ line }) => line.text.toLowerCase().includes(wanted));
      const positionOf = (number: number) => `${run}.${number}`;
      const common = { kept: true, dropped };
      if (known === undefined || !(known <= end)) {
        const items = matching.slice(-limit).map(({ line }) => line);
        return { ...common, items, position: positionOf(end), earlier: matching.length - items.length, isMore: false };
      }
      const later = matching.filter(({ number }) => number >= known);
      const shown = later.slice(0, limit);
      const isMore = later.length > shown.length;
      const last = shown.at(-1);
      const position = positionOf(isMore && last ? last.number + 1 : end);
      return { ...common, items: shown.map(({ line }) => line), position, earlier: 0, isMore };
    },
  };
}

/** A quarter goes at a time, as taking the first of an array away moves all others. */
function shrink(ring: Ring, { lines, characters }: KeptLineLimits): void {
  let gone = ring.lines.length > lines ? Math.ceil(lines / 4) : 0;
  let left = ring.characters - sizeOf(ring.lines.slice(0, gone));
  while (left > characters && gone < ring.lines.length - 1) left -= ring.lines[gone++]?.text.length ?? 0;
  if (gone === 0) return;
  ring.lines = ring.lines.slice(gone);
  ring.dropped += gone;
  ring.characters = left;
}

function sizeOf(lines: readonly FunctionLine[]): number {
  return lines.reduce((sum, { text }) => sum + text.length, 0);
}

/** Nothing is kept here: another process, or a cluster, hosts the Functions. */
export const noLines: Pick<KeptLines, 'read'> = {
  read: () => ({ kept: false, items: [], position: '', earlier: 0, isMore: false, dropped: 0 }),
};
