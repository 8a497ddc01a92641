// Proves that the simulation can fail: runs it with one safety-relevant line of the product changed
// at a time, and demands that each change is found.
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { mutations } from './mutations.ts';
import { say, search, Unchanged } from './search.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    jobs: { type: 'string', default: String(availableParallelism()) },
    /** Most seeds for one mutation. */
    seeds: { type: 'string', default: '4000' },
    from: { type: 'string', default: '0' },
  },
});

const chosen = mutations.filter(({ name }) => values.only === undefined || name === values.only);
const waiting = [...chosen];
const range = { from: Number(values.from), seeds: Number(values.seeds) };
let found = 0;
let cpuMs = 0;
const began = performance.now();
await Promise.all(Array.from({ length: Number(values.jobs) }, work));
const seconds = ((performance.now() - began) / 1_000).toFixed(1);
console.log(`${found} of ${chosen.length} changes found, ${seconds} s, ${(cpuMs / 1_000).toFixed(1)} s of processor`);
process.exitCode = found === chosen.length && found > 0 ? 0 : 1;

async function work(): Promise<void> {
  // Of each job: none waits for the run of another.
  const unchanged = new Unchanged();
  try {
    for (let mutation = waiting.shift(); mutation; mutation = waiting.shift()) {
      const verdict = await search(mutation, range, unchanged);
      if (verdict.kind === 'found') found++;
      cpuMs += verdict.cpuMs;
      console.log(say(mutation, verdict));
    }
  } finally {
    unchanged.end();
  }
}
