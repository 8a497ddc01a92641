// What it costs `tenfold validate` to learn the routes of Functions from their code: the coffee
// shop, with its code loaded and left alone.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join, resolve } from 'node:path';
import { cpuMsOfChildren } from '../measure/proc.ts';

const ROUNDS = 7;
const BAR_MS = 1000;
const root = resolve(import.meta.dirname, '../..');

const loaded: number[] = [];
const unloaded: number[] = [];
for (let round = 0; round < ROUNDS; round++) {
  loaded.push(cpuOf([]));
  unloaded.push(cpuOf(['--no-load']));
}

const routes = median(loaded) - median(unloaded);
const lines = [
  '# Reading the routes of Functions from their code',
  '',
  `${new Date().toISOString().slice(0, 10)}, Node ${process.version}, ${cpus().length} cores, ${ROUNDS} rounds; \`node --conditions=tenfold-source bench/platform/routes-of-functions.ts\`.`,
  'The coffee shop, from TypeScript source. CPU of all processes, as other work shares the machine.',
  '',
  '| ms of CPU | least | median | most | bar | |',
  '|---|---|---|---|---|---|',
  rowOf('`tenfold validate`', loaded),
  rowOf('`tenfold validate --no-load`', unloaded),
  `| the routes alone: the difference of the medians | | ${routes} | | ≤ ${BAR_MS} | ${routes <= BAR_MS ? 'met' : 'missed'} |`,
  '',
];
writeFileSync(join(root, 'bench/results/routes-of-functions.md'), lines.join('\n'));
process.stdout.write(`${lines.join('\n')}\n`);

function cpuOf(options: readonly string[]): number {
  const before = cpuMsOfChildren();
  const { status, stderr } = spawnSync(
    process.execPath,
    [
      ...['--disable-warning=ExperimentalWarning', '--conditions=tenfold-source', join(root, 'cli/main.ts')],
      ...['validate', join(root, 'functions/coffee-shop'), ...options],
    ],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`validate failed: ${stderr}`);
  return cpuMsOfChildren() - before;
}

function rowOf(name: string, ms: readonly number[]): string {
  return `| ${name} | ${Math.min(...ms)} | ${median(ms)} | ${Math.max(...ms)} | | |`;
}

function median(ms: readonly number[]): number {
  return ms.toSorted((a, b) => a - b)[Math.floor(ms.length / 2)] ?? Number.NaN;
}
