// `make fuzz`: many more inputs than `make test` tries, guided by the code that they reach. What is
// found is put into the corpus, where every run tries it again.
import { parseArgs } from 'node:util';
import { watchCode } from './code-coverage.ts';
import { describeFinding, keepFinding, readCorpus } from './corpus.ts';
import { fuzz } from './fuzz.ts';
import { targets } from './targets/index.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { times: { type: 'string', default: '10' }, seed: { type: 'string', default: String(Date.now() % 1e9) } },
});
const seed = Number(values.seed);
const coverage = watchCode();
for (const target of targets.filter(({ name }) => positionals.length === 0 || positionals.includes(name))) {
  const runs = target.runs * Number(values.times);
  const { reachedNewCode } = coverage;
  const finding = fuzz(target, { corpus: readCorpus(target), seed, runs, reachedNewCode });
  console.log(`${target.name}: ${runs} inputs, seed ${seed}: ${finding === undefined ? 'all as it must be' : 'FOUND'}`);
  if (finding === undefined) continue;
  console.error(`${describeFinding(finding)}\n\nKept as ${keepFinding(target, finding)}: mend it, and commit both.`);
  process.exitCode = 1;
}
coverage.close();
