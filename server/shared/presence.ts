// Which processes are alive, and what they want of what all of them keep going: a row for each in the store, which goes soon after its process.
import * as z from 'zod';
import { sleep, type Timer, type World } from '../../core/world.ts';
import type { Change } from '../../drivers/store/changes.ts';
import type { Page, Row, Scan } from '../../drivers/store/tables.ts';
import type { DesiredVersions } from '../../worker/plan/desired-versions.ts';

export interface Presence extends DesiredVersions {
  /** Of this start of this process. */
  readonly id: string;
  /** Whether the process with this id has ended, or has not been able to reach the store for so long that it might have. */
  isOver(id: string): Promise<boolean>;
  /** Tells the others that this one is here, before it does anything; goes on trying where the store is away. */
  begin(): Promise<void>;
  close(): Promise<void>;
}

/** What of the store is needed. */
export interface PresenceStore {
  row(scope: string, table: string, key: string): Promise<Row | undefined>;
  scan(scope: string, table: string, scan: Scan): Promise<Page>;
  apply(scope: string, changes: readonly Change[]): Promise<unknown>;
}

const SCOPE = 'processes';
const TABLE = 'alive';
/** Longer than groups of the log take to give a dead member's partitions to others, so that those know when they begin. */
const ALIVE_MS = 15_000;
const BEAT_MS = 4_000;
const AGAIN_MS = 500;
/** Between two readings of what others want. */
const APART_MS = 100;
const MOST = 10_000;

type Others = readonly ReadonlyMap<string, string>[];

const row = z.object({ wants: z.record(z.string(), z.string()) });

export function createPresence(world: World, store: PresenceStore): Presence {
  const id = world.id();
  const wants = new Map<string, string>();
  let reading: Promise<Others> | undefined;
  let readAt = Number.NEGATIVE_INFINITY;
  let telling: Promise<void> | undefined;
  let line: Promise<unknown> = Promise.resolve();
  let timer: Timer | undefined;
  let closed = false;

  /** All that is wanted in one moment is told at once, and never something older after something newer. */
  const tell = (): Promise<void> => {
    telling ??= line.then(async () => {
      telling = undefined;
      if (closed) return;
      const value = JSON.stringify({ wants: Object.fromEntries(wants) });
      await store.apply(SCOPE, [{ kind: 'put-row', table: TABLE, key: id, value, ttlMs: ALIVE_MS }]);
    });
    line = telling.catch(() => {});
    return telling;
  };

  const beat = (pause: number) => {
    timer?.cancel();
    if (closed) return;
    timer = world.after(pause * (0.75 + world.random() / 2), () => {
      tell().then(
        () => beat(BEAT_MS),
        () => beat(AGAIN_MS),
      );
    });
  };

  /** Read after it was asked for, or it might not say what led to the question; one reading for all that ask within a moment. */
  const others = (): Promise<Others> => {
    reading ??= (async () => {
      await sleep(world, Math.max(0, readAt + APART_MS - world.monotonic()));
      readAt = world.monotonic();
      reading = undefined;
      const { rows } = await store.scan(SCOPE, TABLE, { limit: MOST });
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

/** Of a version that writes otherwise nothing is known. */
function wantsOf(value: Uint8Array): Others[number] {
  try {
    return new Map(Object.entries(row.parse(JSON.parse(Buffer.from(value).toString())).wants));
  } catch {
    return new Map();
  }
}
