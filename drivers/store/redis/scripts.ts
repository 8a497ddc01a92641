// The scripts that the server runs, put together from their parts; each is known to
// it by the hash of its text.
import { createHash } from 'node:crypto';
import { APPLY, DROP, HOLDS, POSITION } from './lua/apply.ts';
import { TAKE } from './lua/buckets.ts';
import { COUNT, COUNTER, COUNTERS } from './lua/counters.ts';
import { FEED, FEEDS } from './lua/feeds.ts';
import { EPOCH, READ_LEASE, SERVER, WRITE_LEASE } from './lua/leases.ts';
import { BYTES, NOW, PRELUDE, SERVER_CLOCK } from './lua/prelude.ts';
import { AROUND, AROUND_PLACE, RANKING_SIZE, RANKINGS, TOP } from './lua/rankings.ts';
import { COUNT_ROWS, DELETE, GET_ROWS, PUT, ROWS, SCAN, SWEEP } from './lua/rows.ts';
import { SETTLE, TAKE_DUE, TIMERS } from './lua/timers.ts';

export interface Script {
  readonly source: string;
  readonly sha: string;
}

export type Scripts = ReturnType<typeof createScripts>;

/** `clock`: Lua that defines `clock()`, milliseconds; tests have one that stands still. */
export function createScripts(clock: string = SERVER_CLOCK) {
  const script = (...parts: readonly string[]): Script => {
    const source = [clock, PRELUDE, ...parts].join('');
    return { source, sha: createHash('sha1').update(source).digest('hex') };
  };
  const writing = [ROWS, COUNTERS, RANKINGS, SWEEP];
  return {
    now: script(NOW),
    put: script(...writing, PUT),
    delete: script(...writing, DELETE),
    count: script(...writing, COUNT),
    apply: script(EPOCH, ...writing, FEEDS, TIMERS, APPLY),
    takeDue: script(TIMERS, TAKE_DUE),
    settle: script(TIMERS, SETTLE),
    drop: script(DROP),
    rows: script(ROWS, GET_ROWS),
    scan: script(ROWS, SCAN),
    countRows: script(ROWS, COUNT_ROWS),
    counter: script(COUNTERS, COUNTER),
    top: script(RANKINGS, TOP),
    around: script(RANKINGS, AROUND),
    aroundPlace: script(BYTES, RANKINGS, AROUND_PLACE),
    rankingSize: script(RANKINGS, RANKING_SIZE),
    feed: script(BYTES, FEEDS, FEED),
    position: script(POSITION),
    server: script(EPOCH, SERVER),
    holds: script(HOLDS),
    readLease: script(EPOCH, READ_LEASE),
    writeLease: script(EPOCH, WRITE_LEASE),
    take: script(TAKE),
  };
}
