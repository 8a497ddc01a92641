// A million dead letters of one Subscription in 50 groups: how soon a process that is started anew
// lists and counts them, and how fast afterwards. `--letters 50000 --ask 20` for a quick look.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type RunningProcess, startProcess } from '../../test/processes/start-process.ts';
import { loadNow } from '../measure/machine.ts';
import { publish, toTable } from '../measure/report.ts';
import { fillLetters, LETTER_GROUPS, LETTER_KEYS, LETTER_PARTITIONS } from './dead-letters/fill-letters.ts';

const { values } = parseArgs({
  options: { letters: { type: 'string', default: '1000000' }, ask: { type: 'string', default: '100' } },
});
const letters = Number(values.letters);
const ask = Number(values.ask);
const BAR_MS = 300;
const LOOK_MS = 200;
const CONSUMER = 'kind=Subscription&namespace=default&name=handled';

const folder = mkdtempSync(join(import.meta.dirname, '.data-'));
let running: RunningProcess | undefined;
try {
  writeFileSync(
    join(folder, 'app.yaml'),
    `apiVersion: tenfold.dev/v1alpha1
kind: Topic
metadata: { name: orders }
spec: { partitions: ${LETTER_PARTITIONS} }
---
apiVersion: tenfold.dev/v1alpha1
kind: Function
metadata: { name: handler }
spec: { url: 'http://127.0.0.1:9' }
---
apiVersion: tenfold.dev/v1alpha1
kind: Subscription
metadata: { name: handled }
spec: { topic: orders, to: { function: handler } }
`,
  );
  const data = join(folder, '.tenfold/data');
  await fillLetters(join(data, 'tenfold.db'), 'handled', letters);
  running = await startProcess({ role: 'serve', directory: folder, env: { TENFOLD_DATA: data } });
  const began = performance.now();
  const first = await firstAnswer(running, began);
  const rows = [
    ['first groups after a start: an answer, or how far it is', seconds(first.toldMs), ''],
    ['first groups after a start: the whole answer', seconds(first.wholeMs), ''],
  ];
  for (const [name, path] of Object.entries(questions(first.group))) {
    const { p50, p99 } = await measure(running, path);
    rows.push([`${name}, p50`, `${p50.toFixed(1)} ms`, '']);
    rows.push([`${name}, p99`, `${p99.toFixed(1)} ms`, `${BAR_MS} ms: ${p99 <= BAR_MS ? 'met' : 'missed'}`]);
  }
  publish('dead-letters', 'A million dead letters', [
    `${letters.toLocaleString('en')} dead letters of one Subscription with ${LETTER_KEYS.toLocaleString('en')} keys in ${LETTER_GROUPS} groups, each with a message of its own, in SQLite. The process is started anew; then ${ask} requests of each kind to the admin API over HTTP, one after the other.${first.told === undefined ? '' : ` Meanwhile it said: “${first.told}”`}`,
    toTable(['', 'measured', 'bar'], rows),
    'Redriving 100,000 of them in the order of their keys under 20 kills is a test: `TENFOLD_OPERATIONS=100000x20 npx mocha test/kills/operations/operations.test.ts`.',
    loadNow(),
  ]);
} finally {
  await running?.end('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
}
process.exit(0);

interface Groups {
  readonly items: readonly { readonly id: string; readonly count: number }[];
}

/** `told`: what it said before it had read all of them. */
async function firstAnswer(asked: RunningProcess, began: number) {
  let told: string | undefined;
  let toldMs: number | undefined;
  for (;;) {
    const response = await asked.admin(`/api/dead-letters/groups?${CONSUMER}`);
    toldMs ??= performance.now() - began;
    if (response.ok) {
      const { items } = (await response.json()) as Groups;
      const count = items.reduce((sum, each) => sum + each.count, 0);
      if (count !== letters || items.length !== LETTER_GROUPS)
        throw new Error(`${count} letters in ${items.length} groups`);
      return { told, toldMs, wholeMs: performance.now() - began, group: items[0]?.id ?? '' };
    }
    const { detail } = (await response.json()) as { readonly detail?: string };
    told ??= detail;
    if (response.status !== 503) throw new Error(`${response.status} ${detail}`);
    await sleep(LOOK_MS);
  }
}

function questions(group: string): Readonly<Record<string, string>> {
  return {
    'the groups': `/api/dead-letters/groups?${CONSUMER}`,
    'the first page of the list': `/api/dead-letters?${CONSUMER}&limit=100`,
    'the first page of a group': `/api/dead-letters?${CONSUMER}&limit=100&group=${group}`,
    'the list of a key': `/api/dead-letters?${CONSUMER}&limit=100&key=key-${LETTER_KEYS - 1}`,
  };
}

async function measure(asked: RunningProcess, path: string) {
  const ms: number[] = [];
  for (let count = 0; count < ask; count++) {
    const began = performance.now();
    const response = await asked.admin(path);
    const { items } = (await response.json()) as { readonly items?: readonly unknown[] };
    ms.push(performance.now() - began);
    if (!items?.length) throw new Error(`${path} found nothing`);
  }
  ms.sort((a, b) => a - b);
  const at = (share: number) => ms[Math.min(ms.length - 1, Math.floor(ms.length * share))] ?? 0;
  return { p50: at(0.5), p99: at(0.99) };
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
