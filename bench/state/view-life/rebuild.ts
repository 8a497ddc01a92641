// Folds a backlog into a View and builds it anew while it is read, alone in its process; prints
// what that cost, as JSON. Argument: events.
import { setTimeout as sleep } from 'node:timers/promises';
import type { ViewLayout } from '../../../core/views/view-layout.ts';
import { readRow } from '../../../gateway/views/read-rows.ts';
import { folded, openSite } from './site.ts';

const events = Number(process.argv[2] ?? '100000');
const ROWS = 10_000;
/** Questions a second. */
const READERS = 200;
const QUIET_MS = 5_000;

const site = await openSite("table: { key: '${event.data.id}' }");
await site.fill(events, n => {
  const id = `row-${(n * 7919) % ROWS}`;
  return { key: id, data: { id, who: `user-${n % 997}`, n, status: 'paid', total: (n * 31) % 10_000 } };
});
let began = performance.now();
const plane = site.start();
const layout = await folded(plane, events);
const rate = rateSince(began);
const quiet = await readWhile(sleep(QUIET_MS));
const before = plane.views
  .flatMap(({ runner }) => runner.running?.generations ?? [])
  .map(({ generation }) => generation.id);
let rebuilt = 0;
const busy = await readWhile(buildAnew());
console.log(JSON.stringify({ rate, rebuilt, quiet, busy }));
await site.close();
process.exit(0);

async function buildAnew(): Promise<void> {
  began = performance.now();
  await plane.rebuild(site.plan);
  await folded(plane, events, before);
  rebuilt = rateSince(began);
}

function rateSince(start: number): number {
  return (events * 1000) / (performance.now() - start);
}

/** Point reads at a steady pace until the work is done; each counts from when it was due. */
async function readWhile(work: Promise<void>): Promise<{ readonly p50: number; readonly p99: number }> {
  const times: number[] = [];
  let done = false;
  const end = work.finally(() => {
    done = true;
  });
  const start = performance.now();
  for (let n = 0; !done; n++) {
    const due = start + (n * 1000) / READERS;
    const wait = due - performance.now();
    if (wait > 0) await sleep(wait);
    await ask(layout, n);
    times.push(performance.now() - due);
  }
  await end;
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor(sorted.length * share)] ?? 0;
  return { p50: at(0.5), p99: at(0.99) };
}

async function ask(of: ViewLayout, n: number): Promise<void> {
  const key = `row-${(n * 31) % ROWS}`;
  if ((await readRow(site.storage.store, of, key)) === undefined) throw new Error(`${key} is not there`);
}
