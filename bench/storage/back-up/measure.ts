// Writes at a steady rate before a back-up, while it is copied and while it is checked, and prints
// how long the writes took in each of these times, as JSON.
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { realWorld } from '../../../core/world.ts';
import { createBackup } from '../../../server/backup/make-backup.ts';
import { openStorage } from '../../../server/storage/open-storage.ts';

const [mib = '', rate = '', seconds = ''] = process.argv.slice(2);
const VALUE = Buffer.alloc(1000, 'x');
const ROWS = 4000;
/** Of the store and of the log, by turns. */
const FILL_BYTES = Math.round((Number(mib) * 1024 ** 2) / 2);
const EVERY_MS = 1000 / Number(rate);

type Phase = 'before' | 'copied' | 'checked' | 'after';
const latencies: Record<Phase, number[]> = { before: [], copied: [], checked: [], after: [] };
let phase: Phase = 'before';
let stopped = false;

// Beside this script and not in the folder for temporary files, which may be in memory.
const folder = mkdtempSync(join(import.meta.dirname, '.data-'));
const storage = await openStorage(realWorld, join(folder, 'data'));
if (!storage?.backup) throw new Error('Nothing can be kept beside this script.');
const { log, store } = storage;
await log.ensureTopic('t', { partitions: 4 });

const write = (n: number) =>
  n % 2 === 0
    ? log.append('t', [{ key: null, value: VALUE, headers: {}, partition: (n / 2) % 4 }])
    : store.apply('s', [{ kind: 'put-row', table: 't', key: `k${n % 50_000}`, value: VALUE }]);

async function fill(): Promise<void> {
  for (let bytes = 0, n = 0; bytes < FILL_BYTES; bytes += ROWS * VALUE.length, n += ROWS) {
    const numbers = Array.from({ length: ROWS }, (_, index) => n + index);
    await log.append(
      't',
      numbers.map(each => ({ key: null, value: VALUE, headers: {}, partition: each % 4 })),
    );
    await store.apply(
      's',
      numbers.map(each => ({ kind: 'put-row', table: 't', key: `filled-${each}`, value: VALUE })),
    );
  }
}

/** Each write begins at its time, also where the one before it is not done. */
async function writeOn(): Promise<void> {
  const under: Promise<void>[] = [];
  const started = performance.now();
  for (let n = 0; !stopped; n++) {
    const due = started + n * EVERY_MS;
    const wait = due - performance.now();
    if (wait > 1) await sleep(wait);
    const into = latencies[phase];
    under.push(write(n).then(() => void into.push(performance.now() - due)));
    if (under.length > 5000) await Promise.all(under.splice(0));
  }
  await Promise.all(under);
}

await fill();
await sleep(2000);
const writing = writeOn();
await sleep(Number(seconds) * 1000);
phase = 'copied';
const began = performance.now();
let checkedAt = began;
const { signal } = new AbortController();
const { make } = createBackup(realWorld, 'bench', storage.backup);
for await (const line of make({ to: join(folder, 'copy') }, signal)) {
  if (line.kind === 'checking' && phase === 'copied') {
    phase = 'checked';
    checkedAt = performance.now();
  }
  if (line.kind === 'done' && line.problems.length > 0) throw new Error(line.problems.join('; '));
}
const ended = performance.now();
phase = 'after';
await sleep(Number(seconds) * 1000);
stopped = true;
await writing;
await storage.close();
rmSync(folder, { recursive: true, force: true });

const quantile = (values: readonly number[], share: number) =>
  [...values].sort((a, b) => a - b)[Math.min(Math.floor(values.length * share), values.length - 1)] ?? 0;
const figures = Object.fromEntries(
  Object.entries(latencies).map(([name, values]) => [
    name,
    { writes: values.length, p50: quantile(values, 0.5), p99: quantile(values, 0.99), longest: quantile(values, 1) },
  ]),
);
console.log(
  JSON.stringify({ ...figures, copySeconds: (checkedAt - began) / 1000, checkSeconds: (ended - checkedAt) / 1000 }),
);
process.exit(0);
