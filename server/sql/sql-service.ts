// Answers queries in SQL over archives, live windows and Views. It loads nothing, and runs no
// process, before the first query.
import { mkdir, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { SqlAnswer, SqlControl, SqlQuestion, SqlTableReport } from '../../admin/sql-view.ts';
import { TenfoldError } from '../../core/errors.ts';
import { FairPlaces } from '../../core/fair-places.ts';
import type { World } from '../../core/world.ts';
import { archiveScopeOf } from '../../worker/archive/layout.ts';
import { filesOf } from '../../worker/archive/manifest.ts';
import type { Storage } from '../storage/open-storage.ts';
import { createFileCache } from './file-cache.ts';
import { runSqlProcess } from './sql-process.ts';
import { columnsOf, prepareTable, type TableLimits, type TableSource } from './sql-tables.ts';

export interface SqlServiceOptions {
  readonly world: World;
  readonly storage: Pick<Storage, 'folder' | 'log' | 'store' | 'blobs'>;
  /** The tables that can be queried now. */
  tables(): readonly TableSource[];
  /** Of one query. Default 2, or as many as there are. */
  readonly threads?: number;
  /** The most of the events that are in no file yet, for each table. */
  readonly most?: TableLimits;
}

const FOLDER = 'sql';
const AT_ONCE = 2;
/** Queries of one namespace that wait for their turn. */
const WAITING = 8;
const WAIT_MS = 60_000;
const CACHE_BYTES = 8 * 1024 ** 3;
const MEMORY_BYTES = 512 * 1024 ** 2;
const ANSWER_BYTES = 64 * 1024 ** 2;
const ROWS = 10_000;
/**
 * A file takes up to `roll.size` bytes and `roll.every` in each partition before it is closed.
 * Events are written down at some 100,000 a second.
 */
const MOST: TableLimits = { rows: 1_000_000, bytes: 512 * 1024 ** 2, windows: 1_000_000 };
const TIMEOUT_MS = 30_000;

export function createSqlService(options: SqlServiceOptions): SqlControl {
  const { world, storage, tables, threads = Math.min(2, availableParallelism()), most = MOST } = options;
  const folder = join(storage.folder, FOLDER);
  const cache = createFileCache({ blobs: storage.blobs, folder, maxBytes: CACHE_BYTES });
  const { log, store } = storage;
  const places = new FairPlaces({ world, places: AT_ONCE, waiting: WAITING, waitMs: WAIT_MS, what: 'queries' });
  let queries = 0;
  /** Removes the files that an earlier process left. */
  const clean = () => rm(join(folder, 'queries'), { recursive: true, force: true });

  const answer = async function* (question: SqlQuestion, signal: AbortSignal): AsyncGenerator<SqlAnswer> {
    const { namespace, sql, since, until, rows, timeoutMs = TIMEOUT_MS, leaveOut = false, partial = false } = question;
    const began = world.monotonic();
    const here = tables().filter(table => table.namespace === namespace);
    const wanted = here.filter(({ name }) => mentions(sql, name));
    if (queries === 0) await clean();
    const own = `queries/${++queries}`;
    await mkdir(join(folder, own), { recursive: true });
    try {
      const told = createQueue<SqlAnswer>();
      const tell = told.put;
      const prepare = async () => {
        const prepared = [];
        for (const table of wanted) {
          const days = { since, until };
          const options = { log, store, cache, folder: own, days, leaveOut, partial, tell, signal, most };
          prepared.push(await prepareTable(table, options));
        }
        return prepared;
      };
      const preparing = prepare().finally(told.end);
      preparing.catch(() => undefined);
      yield* told.items();
      const answerRows = { rows: rows ?? ROWS, endsAtRows: rows !== undefined };
      const limits = { memory: MEMORY_BYTES, threads, ...answerRows, bytes: ANSWER_BYTES };
      const request = { sql, tables: await preparing, limits };
      for await (const message of runSqlProcess({ request, folder, timeoutMs, signal })) {
        yield message.kind === 'done' ? { ...message, tookMs: Math.round(world.monotonic() - began) } : message;
      }
    } catch (error) {
      throw withTables(error, here);
    } finally {
      await rm(join(folder, own), { recursive: true, force: true });
    }
  };

  return {
    async tables(namespace) {
      const reports: SqlTableReport[] = [];
      for (const table of tables()) {
        if (namespace !== undefined && table.namespace !== namespace) continue;
        const { kind, name } = table;
        const of = table.kind === 'view' ? { view: table.view } : { pipeline: table.pipeline };
        const report = { namespace: table.namespace, name, kind, ...of, columns: columnsOf(table) };
        reports.push(table.kind === 'archive' ? { ...report, ...(await sizeOf(table.archive, storage)) } : report);
      }
      return reports;
    },
    async *ask(question, signal) {
      const { namespace } = question;
      const isShared = tables().some(table => table.namespace !== namespace);
      // A shared service reserves one place for other callers.
      const end = await places.take(namespace, isShared ? AT_ONCE - 1 : AT_ONCE, signal);
      try {
        yield* answer(question, signal);
      } finally {
        end();
      }
    },
  };
}

type Archive = Extract<TableSource, { kind: 'archive' }>['archive'];

async function sizeOf({ layout, topic }: Archive, { log, store }: Pick<Storage, 'log' | 'store'>) {
  let files = 0;
  let bytes = 0;
  for (const partition of ((await log.bounds(topic)) ?? []).keys()) {
    for await (const file of filesOf(store, archiveScopeOf(layout, partition))) {
      files++;
      bytes += file.bytes;
    }
  }
  return { files, bytes };
}

/** Tables that a query does not name are not fetched. */
function mentions(sql: string, name: string): boolean {
  return sql.toLowerCase().includes(name) || /\bshow\b/i.test(sql);
}

function withTables(error: unknown, here: readonly TableSource[]): unknown {
  if (!(error instanceof TenfoldError) || !/^Table with name .* does not exist/.test(error.message)) return error;
  const names = here.map(({ name }) => name).join(', ');
  const hint =
    names === '' ? 'There is no archive, no window and no View to ask in this namespace.' : `There are: ${names}.`;
  return new TenfoldError(error.code, `${error.message} ${hint}`, { extensions: error.extensions });
}

/** Items that are put while the reader waits for something else, in their order. */
function createQueue<T>() {
  const waiting: T[] = [];
  let ended = false;
  let wake = () => {};
  return {
    put(item: T) {
      waiting.push(item);
      wake();
    },
    end() {
      ended = true;
      wake();
    },
    async *items(): AsyncGenerator<T> {
      for (;;) {
        for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) yield item;
        if (ended) return;
        await new Promise<void>(resolve => {
          wake = resolve;
        });
      }
    },
  };
}
