// How answers of SQL are printed.
import assert from 'node:assert/strict';
import type { FailedLine } from '../../../admin/api.ts';
import type { SqlAnswer } from '../../../admin/sql-view.ts';
import { frameOf } from '../../../cli/sql/frame.ts';
import { printSqlAnswer, type SqlFormat } from '../../../cli/sql/print-sql-answer.ts';
import { TenfoldError } from '../../../core/errors.ts';
import { fakeTerminal } from '../../fakes/fake-terminal.ts';

const columns = [
  { name: 'page', type: 'VARCHAR' },
  { name: 'n', type: 'BIGINT' },
];
const answer: readonly SqlAnswer[] = [
  { kind: 'reading', bytes: 1_048_576, of: 2_097_152 },
  { kind: 'columns', columns },
  { kind: 'rows', rows: [['/a, "b"', 1]] },
  { kind: 'note', message: 'Something is left out.' },
  { kind: 'rows', rows: [[null, [2]]] },
  { kind: 'done', rows: 2, tookMs: 1_234 },
];

async function printed(lines: readonly (SqlAnswer | FailedLine)[], format: SqlFormat) {
  const terminal = fakeTerminal();
  const stream = async function* () {
    yield* lines;
  };
  await printSqlAnswer(stream(), format, terminal);
  return { out: terminal.stdout, talk: terminal.stderr };
}

describe('an answer of SQL', () => {
  it('is a table, with talk beside it', async () => {
    const { out, talk } = await printed(answer, 'table');
    assert.equal(out, 'page      n\n/a, "b"   1\nNULL      [2]\n');
    assert.match(talk, /note: Something is left out\.\n2 rows in 1\.23 s\.\n$/);
  });

  it('is JSON', async () => {
    const { out } = await printed(answer, 'json');
    assert.deepEqual(JSON.parse(out), [
      { page: '/a, "b"', n: 1 },
      { page: null, n: [2] },
    ]);
    const nothing = [{ kind: 'columns', columns } as const, { kind: 'done', rows: 0, tookMs: 1 } as const];
    assert.deepEqual(JSON.parse((await printed(nothing, 'json')).out), []);
  });

  it('is CSV', async () => {
    const { out } = await printed(answer, 'csv');
    assert.equal(out, 'page,n\r\n"/a, ""b""",1\r\n,[2]\r\n');
  });

  it('says that there is more', async () => {
    const done = { kind: 'done', rows: 2, tookMs: 10, truncated: 'rows' } as const;
    const { talk } = await printed([{ kind: 'columns', columns }, done], 'table');
    assert.match(talk, /2 rows in 0\.01 s; there are more: ask for more with --rows\.\n$/);
  });

  it('fails with what went wrong', async () => {
    const failed: FailedLine = { kind: 'failed', code: 'invalid-query', message: 'No.', line: 1, column: 3 };
    await assert.rejects(printed([failed], 'table'), error => error instanceof TenfoldError && error.status === 400);
  });
});

describe('the place of a mistake in a query', () => {
  const at = (line: number, column: number) =>
    new TenfoldError('invalid-query', 'No.', { extensions: { line, column } });

  it('is marked', () => {
    assert.equal(frameOf('SELECT *\nFROM x WHERE y', at(2, 14)), '  FROM x WHERE y\n               ^');
  });

  it('is shown without the rest of a long line', () => {
    const frame = frameOf(`SELECT ${'a, '.repeat(1_000)}`, at(1, 1_501)) ?? '';
    const [text = '', mark = ''] = frame.split('\n');
    assert.ok(text.length < 110, text);
    assert.equal(mark.indexOf('^'), 62);
  });

  it('is not there for other errors', () => {
    assert.equal(frameOf('SELECT', new Error('x')), undefined);
    assert.equal(frameOf('SELECT', new TenfoldError('timeout', 'x')), undefined);
  });
});
