// Mutates the product by Stryker and demands that a test finds each mutant, or that
// survivors.md says why none has to.
import { appendFileSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { instrument } from './instrument.ts';
import { MutantRunner, type Result } from './run-mutants.ts';
import { draftOf, keyOf, readSurvivors } from './survivors.ts';
import { rooms, SLOW } from './targets.ts';

const { values, positionals } = parseArgs({
  options: {
    /** Lines of files, as `10-20`: only mutants that begin there. */
    lines: { type: 'string' },
    /**
     * Without the tests that compute for seconds: a first look, which calls
     * some survivors that are none.
     */
    quick: { type: 'boolean', default: false },
    /** Words of the names of tests, by commas: a look with these alone. */
    tests: { type: 'string', default: '' },
    /** Where results are written, one a line. */
    report: { type: 'string', default: '.cache/mutation/report.jsonl' },
  },
  allowPositionals: true,
});

const EXPLAINED = fileURLToPath(new URL('survivors.md', import.meta.url));
const reasons = readSurvivors(readFileSync(EXPLAINED, 'utf8'));
const [from = 0, to = Number.POSITIVE_INFINITY] = values.lines?.split('-').map(Number) ?? [];
const results: Result[] = [];
mkdirSync('.cache/mutation', { recursive: true });
writeFileSync(values.report, '');

for (const { mutate, named, tests } of rooms) {
  const files = chosen(positionals.length > 0 ? [...mutate, ...named] : mutate);
  if (files.length === 0) continue;
  const instrumented = await instrument(files);
  const mutants = instrumented.mutants.filter(({ line }) => line >= from && line <= to);
  console.log(`${mutants.length} mutants of ${files.length} files`);
  const source = `.cache/mutation/${process.pid}.json`;
  const runner = new MutantRunner(source, instrumented, filesOf(tests));
  try {
    await runner.run(mutants, result => {
      results.push(result);
      appendFileSync(values.report, `${JSON.stringify(result)}\n`);
      const { mutant, end } = result;
      if (end !== 'killed' && !reasons.has(keyOf(mutant)))
        console.log(`${end.toUpperCase()} ${mutant.file}:${mutant.line} ${mutant.original} → ${mutant.replacement}`);
    });
  } finally {
    runner.close();
  }
}
process.exitCode = judge() ? 0 : 1;

function chosen(globs: readonly string[]): string[] {
  const all = new Set(globs.flatMap(glob => globSync(glob)));
  return [...all].sort().filter(file => positionals.length === 0 || positionals.some(word => file.includes(word)));
}

function filesOf(tests: readonly string[]): string[] {
  const words = values.tests.split(',');
  const some = tests.filter(test => words.some(word => test.includes(word)));
  const quick = some.filter(test => !values.quick || !SLOW.some(word => test.includes(word)));
  return quick.flatMap(test => globSync(test).sort());
}

function judge(): boolean {
  const found = new Set(results.filter(({ end }) => end === 'killed').map(({ mutant }) => keyOf(mutant)));
  const survived = results.filter(({ end }) => end !== 'killed').map(({ mutant }) => mutant);
  const living = new Set(survived.map(keyOf));
  for (const file of new Set(results.map(({ mutant }) => mutant.file))) {
    const all = results.filter(({ mutant }) => mutant.file === file);
    const open = all.filter(({ end }) => end !== 'killed');
    const explained = open.filter(({ mutant }) => reasons.has(keyOf(mutant))).length;
    console.log(
      `${file}: ${all.length} mutants, ${all.length - open.length} killed, ${explained} explained, ${open.length - explained} open`,
    );
  }
  const open = survived.filter(mutant => !reasons.has(keyOf(mutant)));
  const files = new Set(results.map(({ mutant }) => mutant.file));
  // One that is found now, or whose line has changed, needs no reason any more.
  const stale = [...reasons.keys()].filter(key => files.has(key.split(' | ')[0] ?? '') && !living.has(key));
  const outdated = values.lines === undefined ? stale : stale.filter(key => found.has(key));
  for (const key of outdated) console.log(`EXPLAINED IN VAIN ${key}`);
  if (open.length > 0)
    console.log(`No test finds these, and test/mutation/survivors.md does not say why:\n${draftOf(open)}`);
  return open.length === 0 && outdated.length === 0 && results.length > 0;
}
