// Thousands of followers of one View on one core: how soon each learns of a change, and what they
// cost. `--followers 1000 --seconds 3` for a quick look.
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { loadNow } from '../measure/machine.ts';
import { rssMbOf } from '../measure/proc.ts';
import { publish, toTable } from '../measure/report.ts';
import { canPin, pinSelf, startServer } from '../measure/server-process.ts';

const { values } = parseArgs({
  options: {
    followers: { type: 'string', default: '10000' },
    seconds: { type: 'string', default: '20' },
    rate: { type: 'string', default: '100' },
  },
});
const followers = Number(values.followers);
const seconds = Number(values.seconds);
const rate = Number(values.rate);
const BAR_MB = 200;
const BAR_MS = 100;
/** Rows that are in the index `all`. */
const SHARED_ROWS = 20;
const SETTLE_MS = 3_000;
/** Connections that are opened together. */
const TOGETHER = 200;

interface Way {
  readonly name: string;
  pathOf(n: number): string;
  /** Row that the n-th change is about. */
  rowOf(n: number): number;
}

const ways: readonly Way[] = [
  { name: 'each its own row', pathOf: n => `/seen?key=row-${n % 10_000}`, rowOf: n => (n * 7919) % 10_000 },
  {
    name: 'each its own index value',
    pathOf: n => `/seen?index=who&value=row-${n % 10_000}`,
    rowOf: n => (n * 7919) % 10_000,
  },
  { name: 'all the same 20 rows', pathOf: () => '/seen?index=all&value=1', rowOf: n => n % SHARED_ROWS },
];

pinSelf(0);
const source = [
  '--conditions=tenfold-source',
  '--disable-warning=ExperimentalWarning',
  'view-life/followed-listener.ts',
];
const rows: string[][] = [];
const verdicts: string[] = [];
for (const way of ways) {
  const { port, pid, cpuMs, stop } = await startServer(source, 1, import.meta.dirname);
  await sleep(SETTLE_MS);
  const before = rssMbOf(pid);
  const latencies: number[] = [];
  const sockets: Socket[] = [];
  for (let n = 0; n < followers; n += TOGETHER) {
    const some = Array.from({ length: Math.min(TOGETHER, followers - n) }, (_, index) =>
      follow(port, way.pathOf(n + index), latencies),
    );
    sockets.push(...(await Promise.all(some)));
  }
  await sleep(SETTLE_MS);
  latencies.length = 0;
  const cpu = cpuMs();
  await change(port, way);
  const used = (cpuMs() - cpu) / (seconds * 10);
  await sleep(SETTLE_MS);
  const after = rssMbOf(pid);
  for (const socket of sockets) socket.destroy();
  stop();
  const sorted = latencies.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor(sorted.length * share)] ?? Number.NaN;
  rows.push([
    way.name,
    Math.round(sorted.length / seconds).toLocaleString('en'),
    at(0.5).toFixed(0),
    at(0.99).toFixed(0),
    `${used.toFixed(0)}%`,
    before.toFixed(0),
    after.toFixed(0),
  ]);
  const isMet = at(0.99) <= BAR_MS && after - before <= BAR_MB;
  verdicts.push(`${way.name} ${isMet ? 'met' : '**missed**'}`);
}

publish('live-views', 'Followers of a View', [
  `${followers.toLocaleString('en')} connections that follow one View with 10,000 rows of 250 bytes, and ${rate} changes a second for ${seconds} s, published one by one through the same listener. One process ${canPin ? 'pinned to one core' : 'not pinned'} accepts, folds in SQLite and tells; the followers are on the other core. The time is from before the request that publishes until the follower has read the change. ${loadNow()}`,
  toTable(['', 'told/s', 'p50 ms', 'p99 ms', 'CPU', 'MiB before', 'MiB after'], rows),
  `Bar: p99 at most ${BAR_MS} ms, and at most ${BAR_MB} MiB more for the followers: ${verdicts.join(', ')}.`,
]);
process.exit(0);

/** Resolves once the first rows are there. */
function follow(port: number, path: string, latencies: number[]): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    socket.setNoDelay(true);
    socket.on('error', reject);
    let rest = '';
    socket.on('data', chunk => {
      const now = performance.timeOrigin + performance.now();
      rest += chunk.toString('latin1');
      const end = rest.lastIndexOf('\n\n');
      if (end < 0) return;
      const whole = rest.slice(0, end);
      rest = rest.slice(end);
      if (whole.includes('event: rows')) resolve(socket);
      for (const [, sent] of whole.matchAll(/"sent":(\d+(?:\.\d+)?)/g))
        if (sent !== '0') latencies.push(now - Number(sent));
    });
    socket.write(`GET ${path} HTTP/1.1\r\nhost: a\r\naccept: text/event-stream\r\n\r\n`);
  });
}

async function change(port: number, way: Way): Promise<void> {
  const begun = performance.now();
  const under: Promise<unknown>[] = [];
  for (let n = 0; n < rate * seconds; n++) {
    const wait = begun + (n * 1000) / rate - performance.now();
    if (wait > 0) await sleep(wait);
    const row = way.rowOf(n);
    const id = `row-${row}`;
    const sent = performance.timeOrigin + performance.now();
    const data = { id, who: id, ...(row < SHARED_ROWS ? { all: 1 } : {}), sent, text: 'x'.repeat(200) };
    const headers = { 'content-type': 'application/json' };
    under.push(fetch(`http://127.0.0.1:${port}/events`, { method: 'POST', headers, body: JSON.stringify(data) }));
  }
  await Promise.all(under);
}
