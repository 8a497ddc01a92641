// What a sweep of seeds draws: each pair of a limit and a fault many times, and plans with many
// keys, of which any number fails.
import assert from 'node:assert/strict';
import { NO_LOG_FAULTS } from '../log/log-faults.ts';
import { drawPlan } from './draw-plan.ts';
import { NO_FUNCTION_FAULTS, NO_NUDGES, type Plan, WIDE } from './plan.ts';

/** Those of `make test-simulation`. */
const SEEDS = 10_000;
/** So many of them have each pair, so that it meets different numbers of everything else. */
const LEAST = 5;
/** They are drawn as numbers, and are neither a limit nor a fault. */
const FIGURES = new Set(['partitions', 'keys', 'events', 'spanMs', 'owners', 'attempts', 'initialMs']);
const SIZES = new Set(['latencyMs', 'slowMs', 'zombieMs', 'forMs', 'deadlineMs', 'poisonTimes']);

function changed<T extends object>(kind: string, value: T, rest: T): string[] {
  const names: string[] = [];
  for (const name in value) {
    if (FIGURES.has(name) || SIZES.has(name)) continue;
    if (JSON.stringify(value[name]) !== JSON.stringify(rest[name])) names.push(`${kind} ${name}`);
  }
  return names;
}

function featuresOf({ limits, log, functions, nudges, happenings }: Plan): string[] {
  return [
    ...changed('limit', limits, WIDE),
    ...changed('log', log, NO_LOG_FAULTS),
    ...changed('function', functions, NO_FUNCTION_FAULTS),
    ...changed('nudge', nudges, NO_NUDGES),
    ...new Set(happenings.map(({ kind }) => `happens ${kind}`)),
  ];
}

describe('the plans of a sweep', () => {
  const plans = Array.from({ length: SEEDS }, (_, seed) => drawPlan(seed));
  const several = plans.filter(({ limits }) => limits.keys > 1);
  const poisonedShare = ({ functions, limits }: Plan) => functions.poison.length / limits.keys;

  it('have each pair of limits, faults and happenings', () => {
    const single = new Set<string>();
    const pairs = new Map<string, number>();
    for (const plan of plans) {
      const features = featuresOf(plan).sort();
      for (const [index, one] of features.entries()) {
        single.add(one);
        for (const other of features.slice(index + 1))
          pairs.set(`${one} + ${other}`, (pairs.get(`${one} + ${other}`) ?? 0) + 1);
      }
    }
    const names = [...single].sort();
    assert.ok(names.length > 45, `${names.length} limits, faults and happenings`);
    const missing: string[] = [];
    for (const [index, one] of names.entries()) {
      for (const other of names.slice(index + 1)) {
        const count = pairs.get(`${one} + ${other}`) ?? 0;
        if (count < LEAST) missing.push(`${one} + ${other}: ${count}`);
      }
    }
    assert.deepEqual(missing, []);
  });

  it('have any share of keys that fail, but never all where there are several', () => {
    const shares = [0, 0.25, 0.5, 0.75].map(
      from => several.filter(plan => poisonedShare(plan) > from && poisonedShare(plan) <= from + 0.25).length,
    );
    for (const count of shares) assert.ok(count > 150, shares.join(', '));
    assert.ok(several.every(plan => poisonedShare(plan) < 1));
  });

  it('have fifty keys and more with hundreds of events, and so much open that a commit cannot tell it', () => {
    assert.ok(plans.filter(({ limits }) => limits.keys >= 50 && limits.events >= 200).length > 75);
    assert.ok(plans.filter(({ limits }) => limits.keys >= 12 && limits.metadataBytes <= 64).length > 500);
  });
});
