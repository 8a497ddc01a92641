// Validates 1,000 resources in 50 files: reading, schemas, references, expressions, JSON Schemas;
// without mistakes and with some hundred.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { validateDirectory } from '../../resources/validate.ts';
import { FILES, RESOURCES, writeApplication } from './validate/application.ts';

const ROUNDS = 7;
const BAR_MS = 1000;
const root = resolve(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'tenfold-validate-'));

interface Row {
  readonly name: string;
  readonly ms: readonly number[];
  readonly found: number;
  readonly expected: number;
  /** Whether the bar is meant for it: what ships is bundled. */
  readonly barred: boolean;
}

try {
  const applications = [false, true].map(withMistakes => {
    const directory = join(folder, withMistakes ? 'mistakes' : 'clean');
    return { directory, mistakes: writeApplication(directory, withMistakes) };
  });
  const bundle = await bundleCommand(folder);
  const rows: Row[] = [];
  for (const { directory, mistakes } of applications) {
    const label = mistakes === 0 ? 'no mistakes' : `${mistakes} mistakes`;
    rows.push(await inProcess(`in process, ${label}`, directory, mistakes));
    rows.push(wholeProcess(`\`tenfold validate\` from bundled JavaScript, ${label}`, [bundle], directory, mistakes));
    const source = ['--conditions=tenfold-source', join(root, 'cli/main.ts')];
    rows.push(wholeProcess(`\`tenfold validate\` from TypeScript source, ${label}`, source, directory, mistakes));
  }
  report(rows);
} finally {
  rmSync(folder, { recursive: true });
}

async function inProcess(name: string, directory: string, expected: number): Promise<Row> {
  const ms: number[] = [];
  let found = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const begin = performance.now();
    const { problems } = await validateDirectory(directory);
    ms.push(performance.now() - begin);
    found = problems.length;
  }
  return { name, ms, found, expected, barred: true };
}

function wholeProcess(name: string, command: readonly string[], directory: string, expected: number): Row {
  const ms: number[] = [];
  let found = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const begin = performance.now();
    const { stdout, stderr } = spawnSync(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', ...command, 'validate', directory, '--output', 'json'],
      { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
    );
    ms.push(performance.now() - begin);
    const answer: unknown = JSON.parse(stdout || JSON.stringify({ stderr }));
    if (typeof answer !== 'object' || answer === null || !('errors' in answer) || !Array.isArray(answer.errors)) {
      throw new Error(`validate gave no list of errors: ${stderr}`);
    }
    found = answer.errors.length;
  }
  return { name, ms, found, expected, barred: !name.includes('source') };
}

/** What ships: JavaScript with the libraries in it, beside its package.json. */
async function bundleCommand(into: string): Promise<string> {
  copyFileSync(join(root, 'package.json'), join(into, 'package.json'));
  const outdir = join(into, 'dist');
  await build({
    entryPoints: [join(root, 'cli/main.ts')],
    outdir,
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    logLevel: 'error',
    conditions: ['tenfold-source'],
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  });
  return join(outdir, 'main.js');
}

function report(rows: readonly Row[]): void {
  const line = ({ name, ms, found, expected, barred }: Row) => {
    const sorted = ms.toSorted((a, b) => a - b);
    const at = (index: number) => Math.round(sorted[index] ?? Number.NaN);
    const median = at(Math.floor(sorted.length / 2));
    const met = median <= BAR_MS && found === expected;
    const [bar, verdict] = barred ? [`≤ ${BAR_MS}`, met ? 'met' : 'missed'] : ['', ''];
    return `| ${name} | ${at(0)} | ${median} | ${at(sorted.length - 1)} | ${bar} | ${found} of ${expected} | ${verdict} |`;
  };
  const lines = [
    `# Validating ${RESOURCES} resources in ${FILES} files`,
    '',
    `${new Date().toISOString().slice(0, 10)}, Node ${process.version}, ${cpus().length} cores, ${ROUNDS} rounds; \`node --conditions=tenfold-source bench/platform/validate.ts\`.`,
    'Reading, YAML, schemas, references, expressions and JSON Schemas; the first round in process is cold.',
    '',
    '| ms | least | median | most | bar | errors found | |',
    '|---|---|---|---|---|---|---|',
    ...rows.map(line),
    '',
  ];
  mkdirSync(join(root, 'bench/results'), { recursive: true });
  writeFileSync(join(root, 'bench/results/validate.md'), lines.join('\n'));
  process.stdout.write(`${lines.join('\n')}\n`);
}
