// Proves that the simulation can fail: runs it with one safety-relevant line of the product changed
// at a time, and demands that each change is found.
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { SimulationProcess } from '../runner/simulation-process.ts';
import type { Mutation } from './mutation.ts';
import { mutations } from './mutations.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    jobs: { type: 'string', default: String(availableParallelism()) },
    /** Most seeds for one mutation. */
    seeds: { type: 'string', default: '4000' },
    from: { type: 'string', default: '0' },
  },
});

const HOOK = new URL('hook.ts', import.meta.url).href;
const CHUNK = 50;
/** What a change makes wait for ever is kept in memory: another process goes on after so many. */
const SEEDS_OF_A_CHILD = 1000;
/** A run that takes longer never ends: it computes for a second on an idle machine. */
const HANGS_MS = 15 * 60_000;

interface Finding {
  readonly seeds: number;
  readonly what: string | undefined;
}

const chosen = mutations.filter(({ name }) => values.only === undefined || name === values.only);
const waiting = [...chosen];
let survivors = 0;
const began = performance.now();
await Promise.all(Array.from({ length: Number(values.jobs) }, work));
const seconds = ((performance.now() - began) / 1_000).toFixed(1);
console.log(`${chosen.length - survivors} of ${chosen.length} changes found, ${seconds} s`);
process.exitCode = survivors === 0 && chosen.length > 0 ? 0 : 1;

async function work(): Promise<void> {
  for (let mutation = waiting.shift(); mutation; mutation = waiting.shift()) {
    const { seeds, what } = await search(mutation);
    if (what === undefined) survivors++;
    console.log(
      `${what === undefined ? 'SURVIVED' : 'found'} ${mutation.name} after ${seeds} seeds: ${what?.slice(0, 120) ?? mutation.why}`,
    );
  }
}

async function search(mutation: Mutation): Promise<Finding> {
  const first = Number(values.from);
  const end = first + Number(values.seeds);
  for (let from = first; from < end; from += SEEDS_OF_A_CHILD) {
    const found = await searchIn(mutation, from, Math.min(from + SEEDS_OF_A_CHILD, end));
    if (found) return { seeds: found.upTo - first, what: found.what };
  }
  return { seeds: end - first, what: undefined };
}

/** `upTo`: the seed behind the one that found it. */
async function searchIn(
  mutation: Mutation,
  first: number,
  end: number,
): Promise<{ readonly upTo: number; readonly what: string } | undefined> {
  const child = new SimulationProcess({
    simulation: mutation.simulation ?? 'dispatcher',
    hook: HOOK,
    env: { TENFOLD_MUTATION: mutation.name },
  });
  const focus = mutation.focus && { focus: mutation.focus };
  try {
    for (let from = first; from < end; from += CHUNK) {
      const report = await child.runWithin(HANGS_MS, { from, to: from + CHUNK, failures: 1, ...focus });
      if (report === undefined) return { upTo: from + CHUNK, what: 'it never ends' };
      const [failure] = report.failures;
      if (failure) return { upTo: failure.seed + 1, what: failure.message };
    }
    return undefined;
  } catch (error) {
    throw new Error(`${mutation.name}: the simulation broke off`, { cause: error });
  } finally {
    child.kill();
  }
}
