// `tenfold dev` on the coffee shop: start → first answer, and save → new code serving
// while requests keep coming.
import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const ROUNDS = 7;
const BARS = { startMs: 1500, reloadMs: 300 };
const root = resolve(import.meta.dirname, '../..');

interface Round {
  readonly startMs: number;
  readonly reloadMs: number;
  readonly requests: number;
  readonly failed: number;
}

const folder = mkdtempSync(join(tmpdir(), 'tenfold-dev-loop-'));
cpSync(join(root, 'functions/coffee-shop'), folder, { recursive: true, filter: path => !path.includes('.tenfold') });
symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
const menu = join(folder, 'menu.ts');
const original = readFileSync(menu, 'utf8');

try {
  const rounds: Round[] = [];
  for (let round = 0; round < ROUNDS; round++) rounds.push(await measure());
  report(rounds);
} finally {
  rmSync(folder, { recursive: true });
}

async function measure(): Promise<Round> {
  writeFileSync(menu, original);
  const began = performance.now();
  const child = spawn(
    process.execPath,
    [
      '--conditions=tenfold-source',
      '--disable-warning=ExperimentalWarning',
      join(root, 'cli/main.ts'),
      'dev',
      folder,
      '--port',
      '0',
      '--internal-port',
      '0',
      '--admin-port',
      '0',
      '--output',
      'json',
    ],
    { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, DATA_DIR: ':memory:' } },
  );
  try {
    const address = await addressOf(child);
    const url = `${address}/shop/menu/v60`;
    await until(async () => (await fetch(url)).ok);
    const startMs = performance.now() - began;

    let requests = 0;
    let failed = 0;
    let stop = false;
    const load = (async () => {
      while (!stop) {
        requests++;
        const answer = await fetch(url).catch(() => undefined);
        if (!answer?.ok) failed++;
        await answer?.arrayBuffer();
      }
    })();
    const saved = performance.now();
    writeFileSync(menu, original.replace('priceCents: 450', 'priceCents: 999'));
    await until(async () => ((await (await fetch(url)).json()) as { priceCents: number }).priceCents === 999);
    const reloadMs = performance.now() - saved;
    // The old instance goes away now: requests must not notice.
    await new Promise(resolve => setTimeout(resolve, 200));
    stop = true;
    await load;
    return { startMs, reloadMs, requests, failed };
  } finally {
    child.kill('SIGINT');
    await new Promise(resolve => child.once('close', resolve));
  }
}

/** The public address out of the JSON lines that `dev` prints. */
function addressOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout?.setEncoding('utf8');
    child.stdout?.on('data', chunk => {
      text += chunk;
      const match = /"public":"(http:[^"]+)"/.exec(text);
      if (match?.[1]) resolve(match[1]);
    });
    child.once('close', () => reject(new Error(`dev ended before it was ready: ${text}`)));
  });
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + 20_000;
  while (!(await holds().catch(() => false))) {
    if (performance.now() > end) throw new Error('not within 20 s');
    await new Promise(resolve => setTimeout(resolve, 2));
  }
}

function report(rounds: readonly Round[]): void {
  const row = (name: string, values: number[], bar: number) => {
    const sorted = values.toSorted((a, b) => a - b);
    const at = (index: number) => Math.round(sorted[index] ?? Number.NaN);
    const median = at(Math.floor(sorted.length / 2));
    return `| ${name} | ${at(0)} | ${median} | ${at(sorted.length - 1)} | ≤ ${bar} | ${median <= bar ? 'met' : 'missed'} |`;
  };
  const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
  const failed = sum(rounds.map(round => round.failed));
  const lines = [
    '# `tenfold dev`: start and reload',
    '',
    `${new Date().toISOString().slice(0, 10)}, Node ${process.version}, ${cpus().length} cores, ${ROUNDS} rounds; \`node bench/platform/dev-loop.ts\`.`,
    '',
    '| ms | least | median | most | bar | |',
    '|---|---|---|---|---|---|',
    row(
      'start → first answer of a function',
      rounds.map(round => round.startMs),
      BARS.startMs,
    ),
    row(
      'save → new code serves',
      rounds.map(round => round.reloadMs),
      BARS.reloadMs,
    ),
    '',
    `Requests during the reloads: ${sum(rounds.map(round => round.requests))}, of which failed: ${failed}${failed === 0 ? '' : ' (bar missed: none may)'}.`,
    '',
  ];
  mkdirSync(join(root, 'bench/results'), { recursive: true });
  writeFileSync(join(root, 'bench/results/dev-loop.md'), lines.join('\n'));
  process.stdout.write(`${lines.join('\n')}\n`);
}
