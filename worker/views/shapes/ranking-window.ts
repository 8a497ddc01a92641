// The points of a last stretch of time, in sixtieths of it, so that those that are over can be
// taken away again.
import { TenfoldError } from '../../../core/errors.ts';
import { VIEW_RANKING } from '../../../core/views/view-layout.ts';
import type { Change } from '../../../drivers/store/changes.ts';
import { MAX_RANKING } from '../../../drivers/store/limits.ts';
import { parseDoubles } from './operation.ts';
import type { ShapeStore, ShapeUpkeep } from './view-shape.ts';

/**
 * A slice of time by its number, and its points. The points of a member are in the order of their
 * numbers.
 */
type Slice = readonly [slice: number, points: number];
type Mode = 'sum' | 'max' | 'last';

/** The score of a member, as a record has it; undefined takes the member out. */
export interface Scored {
  readonly member: string;
  readonly points: { readonly score: number; readonly at: number; readonly shown?: string } | undefined;
}

type WindowStore = Pick<ShapeStore, 'rows' | 'now'>;

export interface RankingWindow {
  /** In the order of the records. */
  toChanges(scored: readonly Scored[], scope: string, store: WindowStore): Promise<readonly Change[]>;
  readonly upkeep: ShapeUpkeep;
}

const TABLE = 'window';
const BY_OLDEST = 'oldest';
const SLICES = 60;
const MIN_EVERY_MS = 1_000;
const MAX_EVERY_MS = 60_000;
/** Members in one step of upkeep. */
const PAGE = 2_000;

/** An event counts until its whole slice is older than the window: at most a sixtieth longer. */
export function createRankingWindow(windowMs: number, mode: Mode): RankingWindow {
  const sliceMs = Math.ceil(windowMs / SLICES);
  /** The last slice that does not count any more. */
  const over = (now: number) => Math.floor((now - windowMs) / sliceMs) - 1;

  const write = (member: string, slices: readonly Slice[], shown?: string): Change[] => {
    const [oldest] = slices;
    if (oldest === undefined) return remove(member);
    const value = JSON.stringify(slices);
    const score = totalOf(slices, mode);
    return [
      { kind: 'put-row', table: TABLE, key: member, value, indexes: { [BY_OLDEST]: [oldest[0]] } },
      { kind: 'score', ranking: VIEW_RANKING, member, score, mode: 'last', limit: MAX_RANKING, value: shown },
    ];
  };

  return {
    async toChanges(scored, scope, store) {
      const members = [...new Set(scored.map(({ member }) => member))];
      const kept = new Map<string, readonly Slice[]>();
      for (const row of await store.rows(scope, TABLE, members)) if (row) kept.set(row.key, toSlices(row.value));
      const shown = new Map<string, string>();
      /**
       * The member was taken out, and maybe came back within one step: then its former score is
       * gone.
       */
      const taken = new Set<string>();
      for (const { member, points } of scored) {
        if (points === undefined) {
          kept.delete(member);
          shown.delete(member);
          taken.add(member);
          continue;
        }
        if (Math.floor(points.at / sliceMs) <= over(store.now())) continue;
        kept.set(member, added(kept.get(member) ?? [], Math.floor(points.at / sliceMs), points.score, mode));
        if (points.shown !== undefined) shown.set(member, points.shown);
      }
      return members.flatMap(member => {
        const changes = write(member, kept.get(member) ?? [], shown.get(member));
        return taken.has(member) && kept.has(member) ? [...remove(member), ...changes] : changes;
      });
    },
    upkeep: {
      everyMs: Math.min(MAX_EVERY_MS, Math.max(MIN_EVERY_MS, sliceMs / 2)),
      async toChanges(scope, store, now) {
        const last = over(now);
        const to = { value: last, inclusive: true };
        const { rows } = await store.scan(scope, TABLE, { index: BY_OLDEST, to, limit: PAGE });
        return rows.flatMap(({ key, value }) =>
          write(
            key,
            toSlices(value).filter(([slice]) => slice > last),
          ),
        );
      },
    },
  };
}

function remove(member: string): Change[] {
  return [
    { kind: 'delete-row', table: TABLE, key: member },
    { kind: 'unrank', ranking: VIEW_RANKING, member },
  ];
}

/**
 * Slices that are over by the newest slice of the member are left out, so that few remain also
 * while years of events are read again.
 */
function added(slices: readonly Slice[], slice: number, points: number, mode: Mode): readonly Slice[] {
  const newest = Math.max(slice, slices.at(-1)?.[0] ?? slice);
  const next = slices.filter(([each]) => each !== slice);
  const before = slices.find(([each]) => each === slice);
  const value = before === undefined ? points : combined(before[1], points, mode);
  const after = next.findIndex(([each]) => each > slice);
  next.splice(after === -1 ? next.length : after, 0, [slice, value]);
  return next.filter(([each]) => each >= newest - SLICES);
}

function totalOf(slices: readonly Slice[], mode: Mode): number {
  return slices.map(([, points]) => points).reduce((total, points) => combined(total, points, mode));
}

function combined(one: number, next: number, mode: Mode): number {
  if (mode === 'sum') return one + next;
  return mode === 'max' ? Math.max(one, next) : next;
}

function toSlices(bytes: Uint8Array): Slice[] {
  const slices = parseDoubles(bytes);
  if (!Array.isArray(slices)) throw new TenfoldError('data-corrupt', 'A row of the window of a ranking has no slices.');
  return slices.map((slice: unknown) => {
    if (Array.isArray(slice)) {
      const [number, points]: unknown[] = slice;
      if (typeof number === 'number' && typeof points === 'number') return [number, points];
    }
    throw new TenfoldError('data-corrupt', 'A slice of the window of a ranking has no points.');
  });
}
