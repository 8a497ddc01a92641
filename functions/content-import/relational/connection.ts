// One connection to the database, in a thread of its own: does one piece of work after the other,
// and tries again while others hold the lock.
import { parentPort, workerData } from 'node:worker_threads';
import type { Done, PoolTask, Settings } from './pool.ts';
import { countRows, readArticle, readPage } from './read-articles.ts';
import { saveArticles } from './save-articles.ts';
import { isBusy, openDatabase } from './schema.ts';
import { openTables } from './tables.ts';

const { file, roundTripMs, patienceMs } = workerData as Settings;
const database = openDatabase(file);
const never = new Int32Array(new SharedArrayBuffer(4));
const wait = (ms: number) => ms > 0 && Atomics.wait(never, 0, 0, ms);
const tables = openTables(database, () => wait(roundTripMs));

parentPort?.on('message', (work: PoolTask) => parentPort?.postMessage(run(work)));
parentPort?.postMessage('ready');

function run(work: PoolTask): Done {
  const end = performance.now() + patienceMs;
  for (let aborted = 0; ; aborted++) {
    try {
      return { kind: 'done', value: perform(work), aborted };
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK');
      if (!isBusy(error))
        return { kind: 'failed', message: error instanceof Error ? error.message : String(error), aborted };
      if (performance.now() > end) return { kind: 'busy', aborted: aborted + 1 };
      wait(2 + Math.random() * 20);
    }
  }
}

function perform(work: PoolTask): unknown {
  switch (work.kind) {
    case 'save':
      return saveArticles(tables, work.articles);
    case 'article':
      wait(roundTripMs);
      return readArticle(database, work.id);
    case 'page':
      wait(roundTripMs);
      return readPage(database, work.after, work.limit);
    case 'count':
      return countRows(database);
  }
}
