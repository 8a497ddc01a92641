// State that all parts of the store's writer share within one request: the time, and versions that
// never repeat.
import type { DatabaseSync } from 'node:sqlite';
import { numberColumn } from '../../sqlite/columns.ts';

/**
 * The clock is written when it has moved so far, so that it cannot fall back much when the
 * machine's clock was set back during a stop.
 */
const CLOCK_STEP_MS = 10_000;

export interface WriteContext {
  readonly db: DatabaseSync;
  /** The time of the current request by the store's clock, milliseconds. */
  now(): number;
  nextVersion(): string;
}

export interface Moments extends WriteContext {
  begin(now: number): void;
  rolledBack(): void;
}

export function createWriteContext(db: DatabaseSync): Moments {
  const read = db.prepare('SELECT opens, clock FROM store_meta');
  const opened = db.prepare('UPDATE store_meta SET opens = ?');
  const setClock = db.prepare('UPDATE store_meta SET clock = ?');
  let current = 0;
  let clock: number | undefined;
  let opens: number | undefined;
  let count = 0;
  const open = () => {
    opens = numberColumn(read.get() ?? {}, 'opens') + 1;
    opened.run(opens);
    return opens;
  };
  return {
    db,
    begin(now) {
      current = now;
      clock ??= numberColumn(read.get() ?? {}, 'clock');
      if (now < clock + CLOCK_STEP_MS) return;
      setClock.run(now);
      clock = now;
    },
    now: () => current,
    /** `count` goes on after a rollback, which may give `opens` back. */
    nextVersion: () => `${(opens ?? open()).toString(36)}.${(count++).toString(36)}`,
    rolledBack() {
      opens = undefined;
      clock = undefined;
    },
  };
}
