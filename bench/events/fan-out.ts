// A fan-out of 100,000 items with a worker that does nothing, in one process: how long, and in how
// much memory. `--items 10000 --rounds 1` for a quick look.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { median, publish, toTable } from '../measure/report.ts';

const { values } = parseArgs({
  options: { items: { type: 'string', default: '100000' }, rounds: { type: 'string', default: '3' } },
});
const here = import.meta.dirname;
const folder = mkdtempSync(join(here, 'fan-out/.data-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

interface Sample {
  readonly tookMs: number;
  readonly workedMs: number;
  readonly cpuMs: number;
  readonly peakMb: number;
  readonly idleMb: number;
}

// The bundle is measured, as it ships: reading and stripping the sources
// costs memory that no user has.
await build({
  entryPoints: { run: join(here, 'fan-out/run.ts'), thread: join(here, '../../drivers/sqlite/thread-main.ts') },
  outdir: join(folder, 'dist'),
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node24',
  banner: {
    js: "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);",
  },
  logLevel: 'error',
});

const heaps = [
  { name: 'as Node has it', flags: [], batch: 1 },
  { name: 'heap of 64 MB', flags: ['--max-old-space-size=64', '--max-semi-space-size=2'], batch: 1 },
  { name: 'as Node has it, batches of 100', flags: [], batch: 100 },
];
const rows: string[][] = [];
const best: Record<string, Sample> = {};
for (const { name, flags, batch } of heaps) {
  const samples: Sample[] = [];
  for (let round = 0; round < Number(values.rounds); round++) {
    const data = join(folder, `${rows.length}-${round}`);
    mkdirSync(data);
    const program = [join(folder, 'dist/run.js'), data, './thread.js', values.items, '64', String(batch)];
    const args = [...flags, '--disable-warning=ExperimentalWarning', ...program];
    const printed = execFileSync(process.execPath, args, { encoding: 'utf8' });
    samples.push(JSON.parse(printed.trim().split('\n').at(-1) ?? ''));
    rmSync(data, { recursive: true, force: true });
  }
  const of = (figure: keyof Sample) => median(samples.map(sample => sample[figure]));
  const sample = {
    tookMs: of('tookMs'),
    workedMs: of('workedMs'),
    cpuMs: of('cpuMs'),
    peakMb: of('peakMb'),
    idleMb: of('idleMb'),
  };
  best[name] = sample;
  const seconds = (ms: number) => (ms / 1000).toFixed(1);
  rows.push([
    name,
    seconds(sample.tookMs),
    Math.round((Number(values.items) / sample.tookMs) * 1000).toLocaleString('en'),
    seconds(sample.tookMs - sample.workedMs),
    ((sample.cpuMs * 1000) / Number(values.items)).toFixed(0),
    sample.idleMb.toFixed(0),
    sample.peakMb.toFixed(0),
  ]);
}
const [free, small] = [best['as Node has it'], best['heap of 64 MB']];
const say = (met: boolean) => (met ? 'met' : 'missed');
publish('fan-out', 'A fan-out of 100,000 items', [
  `One job of ${Number(values.items).toLocaleString('en')} items, divided by a function in pages of 1,000, worked 64 at a time by a worker in process that does nothing, each result durable in the log and folded into the state, then gathered as a stream; bundled, SQLite on disk; median of ${values.rounds} rounds.`,
  toTable(['memory', 'seconds', 'items/s', 'gathering, s', 'CPU µs/item', 'RSS idle, MB', 'RSS peak, MB'], rows),
  `Bars: at most 30 s, ${say((free?.tookMs ?? 0) <= 30_000)}; at most 200 MB, ${say((small?.peakMb ?? 0) <= 200)} with a heap of 64 MB, ${say((free?.peakMb ?? 0) <= 200)} as Node has it, which lets garbage lie as long as there is memory. What is idle is Node with its threads for SQLite. Neither the items nor their results are ever in memory together; what is held is a page of the splitter, what the dispatcher has read ahead, and a step of the fold. An item is a record in the log, one with its result, and a row in the store. In batches the worker is called with 100 items at a time; each has a result of its own all the same, and every run checks that all were gathered.`,
]);
process.exit(0);
