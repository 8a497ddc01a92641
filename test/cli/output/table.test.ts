// How tables are laid out.
import assert from 'node:assert/strict';
import { type Column, oneLine, renderTable } from '../../../cli/output/table.ts';
import { createStyle } from '../../../cli/style.ts';

interface Row {
  readonly name: string;
  readonly count: number;
}

const columns: Column<Row>[] = [
  { title: 'NAME', value: row => row.name },
  { title: 'COUNT', value: row => row.count },
];

describe('table', () => {
  it('aligns columns and leaves no blanks at the end of a line', () => {
    const rows = [
      { name: 'orders', count: 1 },
      { name: 'menu', count: 20 },
    ];
    assert.equal(renderTable(columns, rows), 'NAME     COUNT\norders   1\nmenu     20');
  });

  it('puts a last column below its row where the others leave no room for it', () => {
    const narrow: Column<{ name: string; why: string }>[] = [
      { title: 'NAME', value: row => row.name },
      { title: 'MESSAGE', value: row => row.why },
    ];
    const why = 'Five events wait, as the first of their key has failed.';
    const rows = [
      { name: 'n'.repeat(60), why },
      { name: 'ok', why: '' },
      { name: 'm', why: 'It is fine.' },
      { name: 'long', why: 'x'.repeat(100) },
    ];
    assert.deepEqual(renderTable(narrow, rows, 80).split('\n'), [
      `NAME${' '.repeat(59)}MESSAGE`,
      'n'.repeat(60),
      `    ${why}`,
      'ok',
      `m${' '.repeat(62)}It is fine.`,
      'long',
      `    ${'x'.repeat(75)}…`,
    ]);
  });

  it('cuts the last column off at the width of the window', () => {
    const wide: Column<Row>[] = [
      { title: 'COUNT', value: row => row.count },
      { title: 'NAME', value: row => row.name },
    ];
    const text = renderTable(wide, [{ name: 'x'.repeat(100), count: 1 }], 30);
    assert.deepEqual(
      text.split('\n').map(line => line.length),
      [12, 30],
    );
    assert.ok(text.endsWith('…'));
    assert.ok(renderTable(wide, [{ name: 'x'.repeat(100), count: 1 }]).endsWith('x'.repeat(100)));
  });

  it('pads by what is seen, not by escape sequences', () => {
    const style = createStyle(true);
    const painted: Column<Row>[] = [
      { title: 'NAME', value: row => row.name, paint: () => style.red },
      { title: 'COUNT', value: row => row.count },
    ];
    const [, first, second] = renderTable(painted, [
      { name: 'orders', count: 1 },
      { name: 'menu', count: 2 },
    ]).split('\n');
    assert.equal(first, '\u001b[31morders\u001b[39m   1');
    assert.equal(second, '\u001b[31mmenu\u001b[39m     2');
  });

  const hostile = [
    { name: 'line ends', text: 'a\r\nb', shown: 'a b' },
    { name: 'escape sequences', text: '\u001b[2Ja\u001b]0;title\u0007b', shown: 'ab' },
    { name: 'C1 controls', text: 'a\u0085b', shown: 'a b' },
    { name: 'ordinary text', text: 'naïve → 你好', shown: 'naïve → 你好' },
  ];
  for (const { name, text, shown } of hostile) {
    it(`shows ${name} harmlessly`, () => assert.equal(oneLine(text), shown));
  }
});
