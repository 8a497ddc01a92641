// Makes a plan from a seed: which faults are on at all and which limits are tiny, then when and
// how hard (swarm testing).
import { Chance } from '../kernel/chance.ts';
import type { LogFaults } from '../log/log-faults.ts';
import { NO_LOG_FAULTS } from '../log/log-faults.ts';
import type { Limits } from './limits.ts';
import {
  type FunctionFaults,
  type Happening,
  NO_FUNCTION_FAULTS,
  NO_NUDGES,
  type Nudges,
  type Plan,
  WIDE,
} from './plan.ts';

const VERBS = ['redrive', 'skip', 'purge', 'cancel'] as const;
const ORDERS = ['retry', 'give-up'] as const;

/**
 * `holes`: much is open at once, and commits cannot tell all of it. `wide`: many keys, of
 * which any number is poisoned.
 */
type Shape = 'narrow' | 'holes' | 'wide';

export function drawPlan(seed: number): Plan {
  // Not the run's own draws: a smaller plan of the same seed must make the same ones.
  const chance = new Chance(seed ^ 0x5eed);
  const shape = drawShape(chance);
  const drawn = drawLimits(chance, shape);
  const functions = drawFunctionFaults(chance, drawn, shape);
  const nudges = drawNudges(chance);
  // What seems to be down takes ten minutes for each attempt.
  const isShort = functions.poisonDoubt !== undefined && chance.happens('doubts are short', 0.7);
  const withinMs = isShort ? drawn.withinMs || 60_000 : drawn.withinMs;
  const limits = { ...drawn, withinMs, ...drawShares(new Chance(seed ^ 0x5a4e), shape) };
  return {
    seed,
    limits,
    log: drawLogFaults(chance),
    functions,
    nudges: shape === 'holes' ? { ...nudges, killOnCommit: 0.3, forMs: 50 } : nudges,
    happenings: drawHappenings(chance, limits),
  };
}

function drawShape(chance: Chance): Shape {
  if (chance.happens('wide', 0.015)) return 'wide';
  return chance.happens('holes', 0.08) ? 'holes' : 'narrow';
}

function drawLimits(chance: Chance, shape: Shape): Limits {
  const tiny = <T>(label: string, p: number, small: readonly [T, ...T[]], wide: T) =>
    chance.happens(`tiny ${label}`, p) ? chance.pick(label, small) : wide;
  const narrow: Limits = {
    partitions: chance.pick('partitions', [1, 1, 2, 3]),
    keys: chance.int('keys', 1, 6),
    events: chance.pick('events', [4, 8, 12, 20, 30]),
    keyless: tiny('keyless', 0.2, [0.3, 1], WIDE.keyless),
    filtered: tiny('filtered', 0.1, [0.2, 0.6], WIDE.filtered),
    spanMs: chance.pick('span', [2_000, 10_000, 30_000, 60_000]),
    owners: chance.int('owners', 1, 3),
    order: chance.pick('order', ['key', 'key', 'key', 'partition', 'none']),
    concurrency: tiny('concurrency', 0.4, [1, 2, 3], WIDE.concurrency),
    batch: tiny('batch', 0.3, [2, 3, 5], WIDE.batch),
    attempts: chance.int('attempts', 1, 4),
    withinMs: tiny('within', 0.2, [5_000, 60_000], WIDE.withinMs),
    initialMs: chance.pick('initial', [10, 200, 1_000, 5_000]),
    onExhausted: tiny('on exhausted', 0.3, ['hold'], WIDE.onExhausted),
    parkedKeys: tiny('parked keys', 0.3, [1, 2, 3], WIDE.parkedKeys),
    parkedBytes: tiny('parked bytes', 0.15, [1, 300, 1_000], WIDE.parkedBytes),
    metadataBytes: tiny('metadata', 0.3, [56, 60, 64], WIDE.metadataBytes),
    readRecords: tiny('read', 0.3, [1, 2], WIDE.readRecords),
    parkingLogRecords: tiny('parking-log', 0.3, [1, 5, 20], WIDE.parkingLogRecords),
    maxAgeMs: tiny('max age', 0.1, [500, 5_000], WIDE.maxAgeMs),
    delayMs: tiny('delay', 0.1, [100, 3_000], WIDE.delayMs),
    rate: tiny('rate', 0.1, [2, 5], WIDE.rate),
    shares: WIDE.shares,
    shareMax: WIDE.shareMax,
  };
  if (shape === 'narrow') return narrow;
  // Room for much to be open: what is about few keys at a time is drawn elsewhere.
  const open = { parkedKeys: WIDE.parkedKeys, parkedBytes: WIDE.parkedBytes, rate: WIDE.rate, keyless: WIDE.keyless };
  const order = chance.pick('order of many', ['key', 'key', 'none'] as const);
  if (shape === 'holes') {
    return {
      ...narrow,
      ...open,
      order,
      keys: chance.int('many keys', 12, 30),
      events: chance.pick('many events', [40, 70, 100]),
      // Some come to their end by way of the parking log, and the parking log is done with, while
      // many others before them are open.
      spanMs: 10_000,
      attempts: chance.int('attempts of many', 1, 4),
      initialMs: 10,
      concurrency: 50,
      metadataBytes: chance.pick('metadata of many', [56, 60, 64]),
    };
  }
  return {
    ...narrow,
    ...open,
    order,
    keys: chance.int('very many keys', 50, 80),
    events: chance.pick('very many events', [200, 300]),
    attempts: chance.int('attempts of many', 1, 3),
    initialMs: chance.pick('initial of many', [10, 200, 1_000]),
    spanMs: chance.pick('span of many', [2_000, 10_000, 30_000]),
    concurrency: WIDE.concurrency,
    readRecords: WIDE.readRecords,
  };
}

function drawShares(chance: Chance, shape: Shape): Pick<Limits, 'shares' | 'shareMax'> {
  if (!chance.happens('shares', 0.25)) return { shares: WIDE.shares, shareMax: WIDE.shareMax };
  const max = chance.happens('share max', 0.5) ? chance.pick('most of a share', [1, 2, 3]) : WIDE.shareMax;
  // Many events, of which many are slow, take long where few of them may be in flight.
  return { shares: chance.int('number of shares', 1, 4), shareMax: shape === 'narrow' ? max : max * 8 };
}

function drawLogFaults(chance: Chance): LogFaults {
  // Some runs have no faults but those that happen, most have a few kinds.
  const share = chance.pick('log fault kinds', [0, 0.2, 0.4, 0.7]);
  const p = (label: string, ...sizes: [number, ...number[]]) =>
    chance.happens(`log fault ${label}`, share) ? chance.pick(label, sizes) : 0;
  return {
    ...NO_LOG_FAULTS,
    latencyMs: chance.pick('latency', [1, 5, 50]),
    slow: p('slow', 0.05, 0.3),
    slowMs: chance.pick('slow ms', [500, 5_000, 15_000]),
    appendRefused: p('append refused', 0.05, 0.3),
    appendFails: p('append fails', 0.05, 0.3),
    appendUnknown: p('append unknown', 0.05, 0.3),
    appendHalf: p('append half', 0.1, 0.5),
    appendLate: p('append late', 0.05, 0.3),
    commitFails: p('commit fails', 0.1, 0.5),
    commitUnknown: p('commit unknown', 0.1, 0.5),
    commitLate: p('commit late', 0.1, 0.5),
    readFails: p('read fails', 0.02, 0.2),
    readStale: p('read stale', 0.3, 0.9),
    callFails: p('call fails', 0.1, 0.4),
    gap: p('gap', 0.1, 0.7),
    overlap: p('overlap', 0.5, 1),
    zombieMs: chance.pick('zombie', [100, 2_000, 30_000]),
    shuffle: p('shuffle', 0.5, 1),
  };
}

function drawFunctionFaults(chance: Chance, { keys }: Limits, shape: Shape): FunctionFaults {
  const share = chance.pick('function fault kinds', [0, 0.3, 0.6]);
  const p = (label: string, ...sizes: [number, ...number[]]) =>
    chance.happens(`function fault ${label}`, share) ? chance.pick(label, sizes) : 0;
  return {
    ...NO_FUNCTION_FAULTS,
    latencyMs: chance.pick('function latency', [1, 20, 500]),
    slow: shape === 'holes' ? chance.pick('slow of many', [0.3, 0.5, 0.9]) : p('function slow', 0.1, 0.5),
    hangs: p('hangs', 0.05, 0.3),
    flaky: shape === 'holes' ? chance.pick('flaky of many', [0, 0.05, 0.1]) : p('flaky', 0.1, 0.5),
    refuses: shape === 'holes' ? chance.pick('refuses of many', [0, 0.1]) : p('refuses', 0.05, 0.3),
    throttles: p('throttles', 0.1, 0.5),
    wholeFails: p('whole fails', 0.1, 0.5),
    retryAfter: p('retry after', 0.5),
    poison: chance.happens('poison', shape === 'wide' ? 0.9 : 0.5) ? drawPoison(chance, keys) : [],
    poisonTimes: chance.pick('poison times', [1, 2, 5, 1_000_000]),
    poisonDoubt: chance.happens('poison in doubt', 0.3)
      ? chance.pick('poison doubt', ['status', 'lost'] as const)
      : undefined,
  };
}

/** Any number of keys, but for one at least where there are several. */
function drawPoison(chance: Chance, keys: number): readonly number[] {
  const count = chance.happens('one poisoned', 0.5) ? 1 : chance.int('poisoned keys', 1, Math.max(1, keys - 1));
  const first = chance.int('first poisoned key', 0, keys - 1);
  return Array.from({ length: count }, (_, index) => (first + index) % keys);
}

function drawNudges(chance: Chance): Nudges {
  const p = (label: string, share: number, ...sizes: [number, ...number[]]) =>
    chance.happens(`nudge ${label}`, share) ? chance.pick(label, sizes) : 0;
  return {
    ...NO_NUDGES,
    killOnAppend: p('kill on append', 0.1, 0.02, 0.2),
    pauseOnAppend: p('pause on append', 0.1, 0.02, 0.2),
    pauseOnClaim: p('pause on claim', 0.25, 0.1, 0.4),
    killOnCommit: p('kill on commit', 0.1, 0.02, 0.2),
    forMs: chance.pick('nudged for', [50, 7_000, 20_000]),
  };
}

function drawHappenings(chance: Chance, limits: Limits): readonly Happening[] {
  const happenings: Happening[] = [];
  const at = () => chance.int('happens at', 0, limits.spanMs);
  const owner = () => chance.int('happens to', 0, limits.owners - 1);
  const span = (label: string) => chance.pick(label, [50, 1_000, 7_000, 20_000] as const);
  const some = (label: string, p: number, most: number, make: () => Happening) => {
    if (!chance.happens(`happens ${label}`, p)) return;
    for (let left = chance.int(`times ${label}`, 1, most); left > 0; left--) happenings.push(make());
  };
  some('kill', 0.6, 4, () => ({ at: at(), kind: 'kill', owner: owner(), forMs: span('dead for') }));
  some('pause', 0.4, 3, () => ({ at: at(), kind: 'pause', owner: owner(), forMs: span('paused for') }));
  some('stop', 0.3, 2, () => ({ at: at(), kind: 'stop', owner: owner(), forMs: span('stopped for') }));
  some('rebalance', 0.4, 4, () => ({ at: at(), kind: 'rebalance' }));
  some('log down', 0.2, 2, () => ({ at: at(), kind: 'log down', forMs: span('log down for') }));
  some('function down', 0.2, 2, () => ({ at: at(), kind: 'function down', forMs: span('function down for') }));
  some('clock', 0.1, 2, () => ({
    at: at(),
    kind: 'clock',
    owner: owner(),
    byMs: chance.int('clock off by', -60_000, 60_000),
  }));
  some('retention', 0.05, 2, () => ({ at: at(), kind: 'retention', keep: chance.int('retention keeps', 0, 5) }));
  some('grow', 0.1, 1, () => ({ at: at(), kind: 'grow', partitions: limits.partitions + 1 }));
  some('command', 0.25, 5, () => ({ at: at(), kind: 'command', verb: chance.pick('verb', VERBS) }));
  some('order', 0.25, 5, () => ({ at: at(), kind: 'command', verb: chance.pick('ordered', ORDERS) }));
  return happenings.sort((one, other) => one.at - other.at);
}
