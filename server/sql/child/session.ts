// One query in a DuckDB of its own: its tables are set up, everything else is locked, then it runs.
import type { DuckDBConnection, DuckDBValueConverter, Json } from '@duckdb/node-api';
import { installCommand, isMissing, whyMissing, whyOther } from '../../../core/packages/optional-package.ts';
import type { SqlMessage, SqlRequest } from '../messages.ts';
import { assertQuery } from './assert-query.ts';
import { filesOf, tableStatements } from './define-tables.ts';
import { QueryError } from './failure.ts';
import { quoteText } from './quote.ts';

export interface Session {
  /** The done part, 0 to 100; -1 while it is unknown. */
  percent(): number;
  run(): AsyncGenerator<SqlMessage>;
}

type Duckdb = typeof import('@duckdb/node-api');

export async function openSession(request: SqlRequest): Promise<Session> {
  const duckdb = await load();
  const { memory, threads } = request.limits;
  const instance = await duckdb.DuckDBInstance.create(':memory:', {
    memory_limit: `${memory}B`,
    threads: String(threads),
    temp_directory: '',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    allow_community_extensions: 'false',
    allow_persistent_secrets: 'false',
  });
  const connection = await instance.connect();
  for (const statement of lockStatements(request)) await connection.run(statement);
  return {
    percent: () => connection.progress.percentage,
    run: () => run(duckdb, connection, request),
  };
}

/**
 * Relative paths are below the working folder of the process. DuckDB compiles views when they are
 * queried, so they can be made behind the lock.
 */
function* lockStatements({ tables }: SqlRequest): Generator<string> {
  yield "SET TimeZone = 'UTC'";
  yield 'SET enable_progress_bar = true';
  yield 'SET enable_progress_bar_print = false';
  yield `SET allowed_paths = [${filesOf(tables).map(quoteText).join(', ')}]`;
  yield 'SET enable_external_access = false';
  yield 'SET errors_as_json = true';
  yield 'SET lock_configuration = true';
  yield* tableStatements(tables);
}

async function* run(duckdb: Duckdb, connection: DuckDBConnection, request: SqlRequest): AsyncGenerator<SqlMessage> {
  const { sql, limits } = request;
  const statement = await assertQuery(duckdb, connection, sql);
  const result = await statement.stream();
  const types = result.columnTypes();
  yield {
    kind: 'columns',
    columns: result.columnNames().map((name, index) => ({ name, type: String(types[index]) })),
  };
  let sent = 0;
  let bytes = 0;
  for await (const rows of result.yieldConvertedRows(toJson(duckdb))) {
    const room = limits.rows - sent;
    const taken = rows.length > room ? rows.slice(0, room) : rows;
    sent += taken.length;
    bytes += JSON.stringify(taken).length;
    if (bytes > limits.bytes) throw tooLarge(`${limits.bytes >> 20} MiB`, 'Ask for fewer rows or columns');
    if (taken.length > 0) yield { kind: 'rows', rows: taken };
    if (rows.length <= room) continue;
    if (limits.endsAtRows) return yield { kind: 'done', rows: sent, truncated: 'rows' };
    throw tooLarge(`${limits.rows} rows`, 'Write a LIMIT, or say after how many rows it shall end (--rows)');
  }
  yield { kind: 'done', rows: sent };
}

function tooLarge(size: string, next: string): QueryError {
  return new QueryError('query-too-large', `The answer has more than ${size}. ${next}.`);
}

/** Whole numbers that a JSON number holds exactly are numbers; larger ones stay text. */
function toJson({ JsonDuckDBValueConverter }: Duckdb): DuckDBValueConverter<Json> {
  return (value, type, converter) => {
    if (typeof value === 'bigint' && value <= Number.MAX_SAFE_INTEGER && value >= Number.MIN_SAFE_INTEGER) {
      return Number(value);
    }
    return JsonDuckDBValueConverter(value, type, converter);
  };
}

async function load(): Promise<Duckdb> {
  const other = whyOther('@duckdb/node-api', 'SQL');
  if (other !== undefined)
    throw new QueryError('unsupported', `${other} Install it with "${installCommand('@duckdb/node-api')}".`);
  try {
    return await import('@duckdb/node-api');
  } catch (cause) {
    if (isMissing(cause, '@duckdb/node-api'))
      throw new QueryError(
        'unsupported',
        `${whyMissing('@duckdb/node-api', 'SQL')} Install it with "${installCommand('@duckdb/node-api')}".`,
      );
    const reason = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
    throw new QueryError(
      'unsupported',
      `SQL needs DuckDB, which does not load here (${reason}). Install it with "${installCommand('@duckdb/node-api')}".`,
    );
  }
}
