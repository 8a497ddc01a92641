// What a query must not be able to do: reach files, the network, other databases or settings,
// write, load code, or take the machine.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TenfoldError } from '../../../core/errors.ts';
import type { SqlMessage } from '../../../server/sql/messages.ts';
import { runSqlProcess } from '../../../server/sql/sql-process.ts';

const NAMES = JSON.stringify({ n: 1, name: 'ada' });

describe('a hostile query', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'tenfold-sql-'));
    writeFileSync(join(folder, 'rows.jsonl'), `${NAMES}\n`);
    writeFileSync(join(folder, 'secret.jsonl'), '{"secret": 1}\n');
    writeFileSync(join(folder, 'secret.csv'), 'secret\n1\n');
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const ask = async (
    sql: string,
    more: { timeoutMs?: number; bytes?: number; endsAtRows?: boolean } = {},
  ): Promise<SqlMessage[]> => {
    const columns = [
      { name: 'n', type: 'BIGINT' },
      { name: 'name', type: 'VARCHAR' },
    ];
    const tables = [{ name: 'rows', parts: [{ kind: 'rows', file: 'rows.jsonl', columns } as const] }];
    const { endsAtRows = true, bytes = 1_000_000 } = more;
    const limits = { memory: 128 * 1024 ** 2, threads: 1, rows: 1_000, endsAtRows, bytes };
    const signal = new AbortController().signal;
    const messages: SqlMessage[] = [];
    const request = { sql, tables, limits };
    for await (const message of runSqlProcess({ request, folder, timeoutMs: more.timeoutMs ?? 20_000, signal })) {
      messages.push(message);
    }
    return messages;
  };
  const refusedWith = (code: string) => (error: unknown) => {
    assert.ok(error instanceof TenfoldError, String(error));
    assert.equal(error.code, code, error.message);
    assert.doesNotMatch(error.message, /root:|\/work|\/home|\/tmp/);
    return true;
  };

  it('is told from one that only asks', async () => {
    const messages = await ask('SELECT n, name FROM rows');
    assert.deepEqual(
      messages.filter(({ kind }) => kind === 'rows'),
      [{ kind: 'rows', rows: [[1, 'ada']] }],
    );
  });

  const refused = {
    'reads a file': "SELECT * FROM read_csv('/etc/passwd')",
    'reads a file as text': "SELECT * FROM read_text('/etc/passwd')",
    'reads a file as bytes': "SELECT content FROM read_blob('/proc/self/environ')",
    'reads a file by its name alone': "SELECT * FROM '/etc/passwd.csv'",
    'reads a file beside its own': "SELECT * FROM read_csv('secret.csv')",
    'reads a file by a way round': "SELECT * FROM read_json('rows.jsonl/../secret.jsonl')",
    'lists files': "SELECT * FROM glob('/*')",
    'reads the network': "SELECT * FROM read_csv('https://example.com/a.csv')",
    'reads an object store': "SELECT * FROM read_parquet('s3://bucket/a.parquet')",
    'looks into a file': "SELECT * FROM parquet_metadata('/etc/passwd')",
    'sniffs a file': "SELECT * FROM sniff_csv('/etc/passwd')",
    'hides a file in a query': "SELECT * FROM query('SELECT * FROM read_csv(''/etc/passwd'')')",
    'writes a file': "COPY (SELECT 1) TO 'out.csv'",
    'writes over a file that it may read': "COPY (SELECT 1) TO 'rows.jsonl'",
    'writes while it explains': "EXPLAIN ANALYZE COPY (SELECT 1 AS n) TO 'rows.jsonl'",
    'writes while it explains, in other words': "EXPLAIN (ANALYZE) COPY (SELECT 1 AS n) TO 'rows.jsonl'",
    'exports the database': "EXPORT DATABASE 'dump'",
    'imports a database': "IMPORT DATABASE 'dump'",
    'attaches a database': "ATTACH 'other.db' AS other",
    'attaches one in memory': "ATTACH ':memory:' AS other",
    'installs an extension': 'INSTALL httpfs',
    'loads an extension': 'LOAD httpfs',
    'loads code': "LOAD '/tmp/evil.duckdb_extension'",
    'sets a setting': "SET memory_limit = '100GB'",
    'unlocks settings': 'SET lock_configuration = false',
    'opens the way out': 'SET enable_external_access = true',
    'allows a path': "SET allowed_paths = ['/etc/passwd']",
    'resets a setting': 'RESET enable_external_access',
    'calls a pragma': 'PRAGMA enable_logging',
    'sets by pragma': "PRAGMA memory_limit='100GB'",
    'calls a function for its effect': 'CALL enable_logging()',
    'makes a table': 'CREATE TABLE t AS SELECT 1',
    'makes a macro': 'CREATE MACRO f() AS 1',
    'makes a secret': "CREATE SECRET s (TYPE s3, KEY_ID 'a', SECRET 'b')",
    'drops a table': 'DROP VIEW rows',
    'changes rows': 'DELETE FROM rows',
    'asks two things': 'SELECT 1; SELECT 2',
    'hides a second thing': "SELECT 1; COPY (SELECT 1) TO 'out.csv'",
    prepares: 'PREPARE p AS SELECT 1',
    'begins a transaction': 'BEGIN',
    'asks nothing': '  -- nothing',
    'is not SQL': 'delete everything please',
    'reads the environment': "SELECT getenv('PATH')",
    'nests too deep': `SELECT ${'('.repeat(50_000)}1${')'.repeat(50_000)}`,
    'adds too often': `SELECT ${'1+'.repeat(30_000)}1`,
    'negates too often': `SELECT ${'NOT '.repeat(20_000)}true`,
  };
  for (const [name, sql] of Object.entries(refused)) {
    it(`is refused when it ${name}`, async () => {
      await assert.rejects(ask(sql), refusedWith('invalid-query'));
      assert.equal(readFileSync(join(folder, 'rows.jsonl'), 'utf8').trim(), NAMES);
      assert.ok(!existsSync(join(folder, 'out.csv')));
    });
  }

  it('finds no secrets', async () => {
    const messages = await ask('SELECT * FROM duckdb_secrets()');
    assert.deepEqual(messages.at(-1), { kind: 'done', rows: 0 });
  });

  it('has no variables of the platform', async () => {
    process.env['TENFOLD_TEST_SECRET'] = 'hunter2';
    const messages = await ask("SELECT current_setting('home_directory'), current_setting('temp_directory')");
    assert.doesNotMatch(JSON.stringify(messages), /hunter2/);
  });

  it('is ended when it never ends', async () => {
    const sql = 'SELECT count(*) FROM range(100000000000) a, range(1000) b WHERE a.range % 7 = b.range % 3';
    await assert.rejects(ask(sql, { timeoutMs: 1_500 }), refusedWith('timeout'));
  });

  it('is ended when it calls itself for ever', async () => {
    const sql = 'WITH RECURSIVE t AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM t) SELECT n FROM t';
    const messages = await ask(sql, { timeoutMs: 5_000 }).catch(error => {
      assert.ok(['timeout', 'query-too-large'].includes(error.code), error);
      return [];
    });
    // Rows may come before the end, as many as are allowed.
    for (const message of messages) if (message.kind === 'done') assert.equal(message.truncated, 'rows');
  });

  it('is ended when it takes too much memory', async () => {
    const sql = "SELECT list(repeat('x', 1000) || range::VARCHAR) FROM range(100000000)";
    await assert.rejects(ask(sql), refusedWith('query-too-large'));
  });

  it('gets no more rows than are allowed', async () => {
    const done = (await ask('SELECT * FROM range(1000000000)')).at(-1);
    assert.deepEqual(done, { kind: 'done', rows: 1_000, truncated: 'rows' });
    await assert.rejects(ask('SELECT * FROM range(1001)', { endsAtRows: false }), refusedWith('query-too-large'));
    const all = (await ask('SELECT * FROM range(1000)', { endsAtRows: false })).at(-1);
    assert.deepEqual(all, { kind: 'done', rows: 1_000 });
  });

  it('gets no larger answer than is allowed', async () => {
    await assert.rejects(ask("SELECT repeat('x', 100000) FROM range(500)"), refusedWith('query-too-large'));
  });
});
