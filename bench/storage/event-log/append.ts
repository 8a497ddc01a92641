// Appends for some seconds and prints what that cost, as JSON: `tenfold` over the log,
// `bare` over SQLite itself.
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { realWorld } from '../../../core/world.ts';
import { createSqliteEventLog } from '../../../drivers/event-log/sqlite/sqlite-event-log.ts';
import { openDatabase } from '../../../drivers/sqlite/open-database.ts';

const [subject = '', inFlight = '', seconds = ''] = process.argv.slice(2);
const PARTITIONS = 6;
const value = Buffer.alloc(200, 'x');
const headers = {};
// Beside this script and not in the folder for temporary files, which may be in memory.
const folder = mkdtempSync(join(import.meta.dirname, '.data-'));
const delay = monitorEventLoopDelay({ resolution: 1 });
const latencies: number[] = [];
let count = 0;
let measuring = false;

const run = subject === 'tenfold' ? await openLog() : openBare();
await run(1);
measuring = true;
count = 0;
delay.enable();
const before = process.cpuUsage();
const started = performance.now();
await run(Number(seconds));
const elapsed = (performance.now() - started) / 1000;
const { user, system } = process.cpuUsage(before);
delay.disable();
latencies.sort((a, b) => a - b);
console.log(
  JSON.stringify({
    rate: count / elapsed,
    cpuUs: (user + system) / count,
    delayP99Ms: Math.max(0, delay.percentile(99) / 1e6 - 1),
    latencyP99Ms: latencies[Math.floor(latencies.length * 0.99)] ?? 0,
  }),
);
rmSync(folder, { recursive: true, force: true });
process.exit(0);

async function openLog(): Promise<(seconds: number) => Promise<void>> {
  const thread = pathToFileURL(join(import.meta.dirname, '../../../drivers/sqlite/thread-main.ts'));
  const database = await openDatabase({ world: realWorld, file: join(folder, 'log.db'), thread });
  const log = await createSqliteEventLog({ world: realWorld, database });
  await log.ensureTopic('t', { partitions: PARTITIONS });
  return async duration => {
    const until = performance.now() + duration * 1000;
    const caller = async (partition: number) => {
      for (let now = performance.now(); now < until; ) {
        await log.append('t', [{ key: null, value, headers, partition }]);
        const after = performance.now();
        if (measuring && count % 64 === 0) latencies.push(after - now);
        count++;
        now = after;
      }
    };
    await Promise.all(Array.from({ length: Number(inFlight) }, (_, caller_) => caller(caller_ % PARTITIONS)));
  };
}

function openBare(): (seconds: number) => Promise<void> {
  const db = new DatabaseSync(join(folder, 'bare.db'));
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE t (id INTEGER PRIMARY KEY, value BLOB)');
  const insert = db.prepare('INSERT INTO t (value) VALUES (?)');
  return async duration => {
    const until = performance.now() + duration * 1000;
    for (let now = performance.now(); now < until; ) {
      db.exec('BEGIN');
      for (let row = 0; row < Number(inFlight); row++) insert.run(value);
      db.exec('COMMIT');
      const after = performance.now();
      if (measuring) latencies.push(after - now);
      count += Number(inFlight);
      now = after;
      await new Promise(setImmediate);
    }
  };
}
