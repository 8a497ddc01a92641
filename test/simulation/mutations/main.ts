// Proves that the simulation can fail: runs it with one safety-relevant line of the product changed
// at a time, and demands that each change is found. With `--known` it tries the seed first that
// found the change before: `--record` writes these down.
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { knownSeeds, recordSeeds } from './known-seeds.ts';
import type { Mutation } from './mutation.ts';
import { mutations } from './mutations.ts';
import { say, search, Unchanged, type Verdict } from './search.ts';

const DAY_MS = 86_400_000;

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    /** Every third where it is 3, other ones on the next day. */
    parts: { type: 'string', default: '1' },
    jobs: { type: 'string', default: String(availableParallelism()) },
    /** Most seeds for one mutation. */
    seeds: { type: 'string', default: '4000' },
    from: { type: 'string', default: '0' },
    known: { type: 'boolean', default: false },
    record: { type: 'boolean', default: false },
  },
});

const [parts, day] = [Number(values.parts), Math.floor(Date.now() / DAY_MS)];
const chosen = mutations.filter(({ name }, index) =>
  values.only === undefined ? index % parts === day % parts : name === values.only,
);
const waiting = [...chosen];
const range = { from: Number(values.from), seeds: Number(values.seeds) };
const known = values.known ? knownSeeds() : new Map<string, number>();
const foundBy = new Map<string, number>();
let cpuMs = 0;
const began = performance.now();
await Promise.all(Array.from({ length: Number(values.jobs) }, work));
const seconds = ((performance.now() - began) / 1_000).toFixed(1);
const found = foundBy.size;
console.log(`${found} of ${chosen.length} changes found, ${seconds} s, ${(cpuMs / 1_000).toFixed(1)} s of processor`);
if (values.record) recordSeeds(foundBy);
process.exitCode = found === chosen.length && found > 0 ? 0 : 1;

async function work(): Promise<void> {
  // Of each job: none waits for the run of another.
  const unchanged = new Unchanged();
  try {
    for (let mutation = waiting.shift(); mutation; mutation = waiting.shift()) {
      const verdict = await searchKnownFirst(mutation, unchanged);
      if (verdict.kind === 'found') foundBy.set(mutation.name, verdict.seed);
      cpuMs += verdict.cpuMs;
      console.log(say(mutation, verdict));
    }
  } finally {
    unchanged.end();
  }
}

/** A seed that finds it no more, as what is drawn has changed, costs one run. */
async function searchKnownFirst(mutation: Mutation, unchanged: Unchanged): Promise<Verdict> {
  const seed = known.get(mutation.name);
  const first = seed === undefined ? undefined : await search(mutation, { from: seed, seeds: 1 }, unchanged);
  return first?.kind === 'found' ? first : search(mutation, range, unchanged);
}
