// Lets one question through, and nothing that changes, loads, sets or writes anything.
import type { DuckDBConnection, DuckDBExtractedStatements, DuckDBPreparedStatement } from '@duckdb/node-api';
import { QueryError } from './failure.ts';

type Duckdb = typeof import('@duckdb/node-api');

const EXPLAIN = /^\s*explain\s+(analyze\s+)?/i;
const REFUSED =
  'Only a question can be asked: SELECT, WITH, FROM, VALUES, DESCRIBE, SHOW, SUMMARIZE, or EXPLAIN of one of these.';

export async function assertQuery(
  { StatementType }: Duckdb,
  connection: DuckDBConnection,
  sql: string,
): Promise<DuckDBPreparedStatement> {
  const all = await extract(connection, sql);
  if (all === undefined || all.count === 0) throw new QueryError('invalid-query', 'There is no question in the query.');
  if (all.count > 1) {
    throw new QueryError(
      'invalid-query',
      'There is more than one statement. Ask one at a time; a PIVOT needs its values named with IN (…).',
    );
  }
  const statement = await all.prepare(0);
  if (statement.statementType === StatementType.SELECT) return statement;
  // EXPLAIN ANALYZE runs the statement that it explains.
  if (statement.statementType === StatementType.EXPLAIN && EXPLAIN.test(sql)) {
    const explained = await extract(connection, sql.replace(EXPLAIN, ''));
    const inner = explained?.count === 1 ? await explained.prepare(0) : undefined;
    if (inner?.statementType === StatementType.SELECT) return statement;
  }
  throw new QueryError('invalid-query', REFUSED);
}

/**
 * Undefined for a text of comments alone, of which DuckDB says nothing that could be understood.
 */
async function extract(connection: DuckDBConnection, sql: string): Promise<DuckDBExtractedStatements | undefined> {
  try {
    return await connection.extractStatements(sql);
  } catch (error) {
    if (error instanceof Error && error.message.includes('{')) throw error;
    return undefined;
  }
}
