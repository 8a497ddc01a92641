// The parts of the SQL page that only compute: completion, files of rows, and series of a chart.
import assert from 'node:assert/strict';
import type { SqlTableReport } from '../../admin/sql-view.ts';
import { completionAt } from '../../console/pages/sql/completion.ts';
import { toCsv, toJsonLines } from '../../console/pages/sql/export-rows.ts';
import { seriesOf } from '../../console/pages/sql/series.ts';

const table = (name: string, ...columns: string[]): SqlTableReport => ({
  namespace: 'default',
  name,
  kind: 'archive',
  pipeline: name,
  columns: columns.map(each => ({ name: each, type: 'VARCHAR' })),
});
const TABLES = [table('orders', 'id', 'total', 'offset'), table('"page-clicks"', 'id', 'page')];
/** `|` is the caret. */
const offered = (text: string) => {
  const caret = text.indexOf('|');
  const found = completionAt(text.replace('|', ''), caret, TABLES);
  return found && [text.slice(found.from, caret), ...found.choices.map(choice => choice.text)];
};

describe('completion of SQL', () => {
  const cases: readonly [text: string, offered: readonly string[] | undefined][] = [
    ['SELECT * FROM |', undefined],
    ['SELECT * FROM o|', ['o', 'orders']],
    ['SELECT * FROM p|', ['p', '"page-clicks"']],
    ['SELECT * FROM "p|', ['"p', '"page-clicks"']],
    ['SELECT tot| FROM orders', ['tot', 'total']],
    ['SELECT pag| FROM orders', ['pag', '"page-clicks"']],
    ['SELECT orders.| FROM orders', ['', 'id', 'total', '"offset"']],
    ['SELECT orders.to| FROM orders', ['to', 'total']],
    ['SELECT nobody.to| FROM orders', undefined],
    ["SELECT 'tot| FROM orders", undefined],
    ['SELECT total| FROM orders', undefined],
    ['SELECT 1|', undefined],
  ];
  for (const [text, wanted] of cases)
    it(`offers ${wanted?.slice(1).join(', ') ?? 'nothing'} at ${text}`, () => assert.deepEqual(offered(text), wanted));

  it('offers all names where it is asked to', () => {
    const all = completionAt('SELECT  FROM orders', 7, TABLES, true)?.choices.map(({ text }) => text) ?? [];
    assert.deepEqual(all.slice(0, 5), ['id', 'total', '"offset"', 'orders', '"page-clicks"']);
    assert.ok(all.includes('SELECT'));
  });
});

describe('files of rows', () => {
  const columns = ['n', 'n', 'text'].map(name => ({ name, type: 'VARCHAR' }));
  it('quote what CSV must, and leave NULL empty', () => {
    assert.equal(toCsv(columns, [[1, null, 'a\nb']]), 'n,n,text\r\n1,,"a\nb"\r\n');
  });
  it('give a spreadsheet no formula, neither in a row nor in the name of a column', () => {
    const named = [{ name: '=a', type: 'VARCHAR' }];
    const texts = ['=1+1', '+a', '-2+3', '@sum', '\tx', '\rx', '=HYPERLINK("x")', '+1-1', '-', '-0x1', '1=1', ' =1'];
    const cells = texts.map(text => toCsv(named, [[text]]).slice("'=a\r\n".length, -2));
    assert.deepEqual(cells, [
      ...["'=1+1", "'+a", "'-2+3", "'@sum", "'\tx", '"\'\rx"', '"\'=HYPERLINK(""x"")"', "'+1-1", "'-", "'-0x1"],
      ...['1=1', ' =1'],
    ]);
    assert.equal(toCsv(named, []), "'=a\r\n");
  });
  it('leave numbers as they are', () => {
    const numbers = [-1, '-1.5', '+2', '-.5', '-1e-7', '-12345678901234567890', '+1E+3'];
    const wanted = numbers.map(each => `${each}\r\n`).join('');
    assert.equal(
      toCsv(
        [{ name: 'n', type: 'DOUBLE' }],
        numbers.map(each => [each]),
      ),
      `n\r\n${wanted}`,
    );
  });
  it('keep two columns of one name apart in JSON', () => {
    assert.equal(toJsonLines(columns, [[1, 2, { a: null }]]), '{"n":1,"n_2":2,"text":{"a":null}}\n');
  });
});

describe('series of a chart', () => {
  const columns = [
    { name: 'at', type: 'TIMESTAMP WITH TIME ZONE' },
    { name: 'n', type: 'BIGINT' },
  ];
  it('are in the order of time, in UTC, and say how many rows have none', () => {
    const rows = [
      ['2026-11-24 02:00:00+00', 2],
      ['2026-11-24 03:30:00.5+02:30', '1'],
      [null, 3],
      ['2026-11-24', null],
    ];
    const series = seriesOf(columns, rows);
    assert.deepEqual(series?.times, [Date.UTC(2026, 10, 24, 1, 0, 0, 500), Date.UTC(2026, 10, 24, 2)]);
    assert.deepEqual(series?.lines, [{ name: 'n', values: [1, 2] }]);
    assert.equal(series?.left, 2);
  });
  it('are one for each number, with holes where one of them is missing', () => {
    const two = [...columns, { name: 'm', type: 'DOUBLE' }];
    const rows = [
      ['2026-11-24', 1, null],
      ['2026-11-25', null, 2.5],
      ['2026-11-26', null, null],
    ];
    const series = seriesOf(two, rows);
    assert.deepEqual(series?.lines, [
      { name: 'n', values: [1, null] },
      { name: 'm', values: [null, 2.5] },
    ]);
    assert.equal(series?.left, 1);
  });
  it('are none with two times, with no time, with no number, and of one point', () => {
    const row = ['2026-11-24', 1, '2026-11-24'];
    assert.equal(seriesOf([...columns, { name: 'to', type: 'DATE' }], [row, row]), undefined);
    assert.equal(seriesOf(columns.slice(1), [[1], [2]]), undefined);
    assert.equal(seriesOf(columns.slice(0, 1), [['2026-11-24'], ['2026-11-25']]), undefined);
    assert.equal(seriesOf(columns, [['2026-11-24', 1]]), undefined);
  });
});
