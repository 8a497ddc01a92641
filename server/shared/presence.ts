// The live processes, and the versions that they want of shared work: a row for each in the store,
// which expires soon after its process.
import * as z from 'zod';
import { jittered } from '../../core/retry/backoff.ts';
import { createOutlook } from '../../core/retry/outlook.ts';
import { sleep, type Timer, type World } from '../../core/world.ts';
import type { Change } from '../../drivers/store/changes.ts';
import type { Page, Row, Scan } from '../../drivers/store/tables.ts';
import type { DesiredVersions } from '../../worker/plan/desired-versions.ts';
import { allRows } from './all-rows.ts';

export interface Presence extends DesiredVersions {
  /** The id of this start of this process. */
  readonly id: string;
  /**
   * Whether the process with this id has ended, or has not been able to reach the store for
   * so long that it might have.
   */
  isOver(id: string): Promise<boolean>;
  /** Registers this process before it does anything; retries where the store is away. */
  begin(): Promise<void>;
  close(): Promise<void>;
}

/** The part of the store that is needed. */
export interface PresenceStore {
  row(scope: string, table: string, key: string): Promise<Row | undefined>;
  scan(scope: string, table: string, scan: Scan): Promise<Page>;
  apply(scope: string, changes: readonly Change[]): Promise<unknown>;
}

const SCOPE = 'processes';
const TABLE = 'alive';
/**
 * Longer than groups of the log take to give a dead member's partitions to others, so that
 * those know when they begin.
 */
const ALIVE_MS = 15_000;
const BEAT_MS = 4_000;
const AGAIN_MS = 500;
/** The least time between two readings of the versions that other processes desire. */
const APART_MS = 100;

type Others = readonly ReadonlyMap<string, string>[];

const row = z.object({ wants: z.record(z.string(), z.string()) });

/** `onChange`: the store no longer takes that this process is there, or takes it again. */
export function createPresence(
  world: World,
  store: PresenceStore,
  onChange?: (state: 'away' | 'back', error?: unknown) => void,
): Presence {
  const id = world.id();
  const wants = new Map<string, string>();
  let reading: Promise<Others> | undefined;
  let readAt = Number.NEGATIVE_INFINITY;
  let telling: Promise<void> | undefined;
  let line: Promise<unknown> = Promise.resolve();
  let timer: Timer | undefined;
  let closed = false;
  const outlook = createOutlook(onChange);

  /**
   * Writes all desired versions of one moment at once, and never an older state after a newer one.
   */
  const tell = (): Promise<void> => {
    telling ??= line.then(async () => {
      telling = undefined;
      if (closed) return;
      const value = JSON.stringify({ wants: Object.fromEntries(wants) });
      await store.apply(SCOPE, [{ kind: 'put-row', table: TABLE, key: id, value, ttlMs: ALIVE_MS }]);
      outlook.answered();
    });
    line = telling.catch(outlook.failed);
    return telling;
  };

  const beat = (pause: number) => {
    timer?.cancel();
    if (closed) return;
    timer = world.after(jittered(pause, world.random()), () => {
      tell().then(
        () => beat(BEAT_MS),
        () => beat(AGAIN_MS),
      );
    });
  };

  /**
   * Read after it was asked for, or it might not say what led to the question; one reading for all
   * that ask within a moment.
   */
  const others = (): Promise<Others> => {
    reading ??= (async () => {
      await sleep(world, Math.max(0, readAt + APART_MS - world.monotonic()));
      readAt = world.monotonic();
      reading = undefined;
      const rows = await allRows(store, SCOPE, TABLE);
      return rows.filter(({ key }) => key !== id).map(({ value }) => wantsOf(value));
    })();
    return reading;
  };

  return {
    id,
    async isOver(other) {
      return other !== id && (await store.row(SCOPE, TABLE, other)) === undefined;
    },
    async begin() {
      await tell().catch(() => {});
      beat(BEAT_MS);
    },
    want(subject, definition) {
      if (wants.get(subject) === definition) return definition === undefined ? Promise.resolve() : tell();
      if (definition === undefined) wants.delete(subject);
      else wants.set(subject, definition);
      return tell();
    },
    async isWanted(subject, definition) {
      return (await others()).some(each => each.get(subject) === definition);
    },
    async isAgreed(subject, definition) {
      return (await others()).every(each => (each.get(subject) ?? definition) === definition);
    },
    async close() {
      closed = true;
      timer?.cancel();
      await line;
      await store.apply(SCOPE, [{ kind: 'delete-row', table: TABLE, key: id }]).catch(() => {});
    },
  };
}

/** A row of another version says nothing. */
function wantsOf(value: Uint8Array): Others[number] {
  try {
    return new Map(Object.entries(row.parse(JSON.parse(Buffer.from(value).toString())).wants));
  } catch {
    return new Map();
  }
}
