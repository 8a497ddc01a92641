// Dead letters by their cause: what counts as one cause, how many there are of each, and that a
// look at very many takes no long computation.
import assert from 'node:assert/strict';
import type { Failure } from '../../../../core/failure.ts';
import type { NewRecord } from '../../../../drivers/event-log/event-log.ts';
import { causeTextOf } from '../../../../worker/dispatch/dead-letters/cause-group.ts';
import { encodeLetter, encodeMark } from '../../../../worker/dispatch/dead-letters/dead-letter-codec.ts';
import { LetterIndex } from '../../../../worker/dispatch/dead-letters/letter-index.ts';
import { findAll, groupsOf, pageOf } from '../../../../worker/dispatch/dead-letters/letter-query.ts';
import type { DeadLetter } from '../../../../worker/dispatch/settings.ts';
import { computingMs } from '../../../computing-ms.ts';
import { letterOf } from './letters.ts';

function indexOf(records: readonly NewRecord[], most = 1000): LetterIndex {
  const index = new LetterIndex(most);
  const next = new Map<number, number>();
  for (const { partition = 0, ...record } of records) {
    const offset = next.get(partition) ?? 0;
    next.set(partition, offset + 1);
    index.add(partition, { ...record, offset, timestamp: 0 });
  }
  return index;
}

const thrown = (message: string, at = 'menu.ts:12:9'): Failure => ({
  message: 'Something went wrong on our side',
  cause: { name: 'Error', message, at, trace: 'abc', version: 'v1' },
});

describe('the cause of a dead letter', () => {
  const rows: readonly [string, Partial<DeadLetter>, string][] = [
    ['numbers', { error: thrown('no price for 12.50 of order 7') }, 'Error: no price for # of order # at menu.ts:12:9'],
    ['ids', { error: thrown('3f2504e0-4f89-11d3-9a0c-0305e82c3301 is gone') }, 'Error: # is gone at menu.ts:12:9'],
    ['words with digits', { error: thrown('table-7, ord_12x') }, 'Error: # at menu.ts:12:9'],
    ['quoted values', { error: thrown("can't find \"Ann\" or 'Bob'") }, "Error: can't find # or # at menu.ts:12:9"],
    ['lists', { error: thrown('bad rows 1,2, 3') }, 'Error: bad rows # at menu.ts:12:9'],
    ['no message', { error: thrown('') }, 'Error at menu.ts:12:9'],
    ['lines', { error: thrown('a\n b\u001b[2J') }, 'Error: a b [# at menu.ts:12:9'],
    ['no cause', { reason: 'refused', error: { status: 400, message: 'bad row 9' } }, 'refused 400: bad row #'],
    ['no error', { reason: 'expired' }, 'expired'],
  ];
  for (const [name, letter, text] of rows)
    it(`with ${name}: ${text}`, () => assert.equal(causeTextOf(letterOf(0, 0, letter)), text));

  const ids = {
    'a number': '7',
    'a negative number': '-7.5e-3',
    'a UUID': '3f2504e0-abcd-11d3-9a0c-0305e82c3301',
    'a UUID that begins with letters': 'abcdefab-4f89-11d3-abcd-cafebabefade',
    'hexadecimal digits': '9f86d081884c7d65',
    'hexadecimal letters': 'cafebabe',
    'a word with digits': 'ord_12x',
    'a word with dashes': 'table-7',
    'a path': 'shops/12/orders/a1',
    'a time': '2026-11-30T10:00:00.000Z',
    'a list': '1, 2,x3',
    'double quotes': '"boom"',
    'double quotes inside of them': '"a \\"big\\" boom"',
    'single quotes': "'boom'",
    'back ticks': '`boom`',
    'quotes of print': '“boom”',
    'other quotes of print': '‘boom’',
    guillemets: '«boom»',
    'quotes around numbers': '"12"',
    'a long quoted text': `"${'x'.repeat(900)}"`,
  };
  for (const [form, id] of Object.entries(ids))
    it(`is one for one throw, with ${form} for an id`, () => {
      const text = causeTextOf(letterOf(0, 0, { error: thrown(`no price for ${id} in the menu`) }));
      assert.equal(text, 'Error: no price for # in the menu at menu.ts:12:9');
    });

  it('ends with a quoted text that was cut', () => {
    const text = causeTextOf(letterOf(0, 0, { error: thrown(`bad body "${'x'.repeat(1000)}… (70 more characters)`) }));
    assert.equal(text, 'Error: bad body # at menu.ts:12:9');
  });

  it('keeps words apart, and places, and errors', () => {
    const texts = [
      thrown('no price'),
      thrown("isn't on the user's menu"),
      thrown('no cafe decade'),
      thrown('no price', 'menu.ts:13:9'),
      { message: '', cause: { name: 'TypeError', message: 'no price', at: 'menu.ts:12:9' } },
    ].map(error => causeTextOf(letterOf(0, 0, { error })));
    assert.equal(new Set(texts).size, texts.length);
    assert.match(texts[1] ?? '', /isn't on the user's menu/);
    assert.match(texts[2] ?? '', /no cafe decade/);
  });

  it('takes no long time over what a function may write', () => {
    const long = ['"\\'.repeat(500), 'a-'.repeat(500), "'".repeat(1000), '#,'.repeat(500), '1:'.repeat(500)];
    const ms = computingMs(() => {
      for (const text of long) causeTextOf(letterOf(0, 0, { error: thrown(text) }));
    });
    assert.ok(ms < 1_000, `${ms} ms`);
  });

  it('does not depend on trace and version', () => {
    const cause = { ...thrown('x').cause, name: 'Error', message: 'x', trace: 'other', version: 'v2' };
    assert.equal(causeTextOf(letterOf(0, 0, { error: { message: '', cause } })), 'Error: x at menu.ts:12:9');
  });
});

describe('groups of dead letters', () => {
  const price = (offset: number) => letterOf(offset % 2, offset, { error: thrown(`no price for ${offset}`) });
  const screen = (offset: number) => letterOf(0, offset, { error: thrown('no screen', 'wall.ts:1:1'), held: true });
  const records = [...[0, 1, 2, 3, 4].map(price), ...[10, 11].map(screen)].map(encodeLetter);

  it('say how many there are of each, when the first and the last came, and the last of them', () => {
    const groups = groupsOf(indexOf(records), {}, 100);
    assert.deepEqual(
      groups.map(({ text, count, first, last, newest }) => [text, count, first, last, newest.offset]),
      [
        ['Error: no price for # at menu.ts:12:9', 5, 0, 4, 4],
        ['Error: no screen at wall.ts:1:1', 2, 10, 11, 11],
      ],
    );
    assert.equal(new Set(groups.map(({ id }) => id)).size, 2);
  });

  it('shrink by what is redriven and purged, and end with the last', () => {
    const marks = [encodeMark('redriven', 0, 4, 0), encodeMark('purged', 0, 10, 0), encodeMark('redriven', 0, 11, 0)];
    const groups = groupsOf(indexOf([...records, ...marks]), {}, 100);
    assert.deepEqual(
      groups.map(({ count, last }) => [count, last]),
      [[4, 3]],
    );
  });

  it('are found by their id and by words of their cause, with other filters', () => {
    const index = indexOf(records);
    const [first] = groupsOf(index, {}, 100);
    const offsets = (filter: Parameters<typeof findAll>[1]) => findAll(index, filter, 100).map(({ offset }) => offset);
    assert.deepEqual(offsets({ group: first?.id }), [0, 1, 2, 3, 4]);
    assert.deepEqual(offsets({ group: first?.id, key: 'k3' }), [3]);
    assert.deepEqual(offsets({ text: 'NO SCREEN' }), [10, 11]);
    assert.deepEqual(offsets({ text: 'no', held: false, olderThanMs: 98 }), [0, 1, 2]);
    assert.deepEqual(offsets({ group: 'none' }), []);
  });

  it('are those of all that a list shows, page by page, whatever was removed between them', () => {
    const index = indexOf([...records, encodeMark('purged', 0, 2, 0)], 5);
    assert.equal(index.omitted, 2);
    const seen: number[] = [];
    for (let after: string | undefined; ; ) {
      const page = pageOf(index, {}, { limit: 2, after, now: 100 });
      seen.push(...page.places.map(({ offset }) => offset));
      after = page.next;
      if (after === undefined) break;
    }
    assert.deepEqual(seen, [3, 4, 10, 11]);
  });
});

describe('very many dead letters', () => {
  it('are listed, counted and forgotten without a long computation', function () {
    this.timeout(600_000);
    const many = 50_000;
    const index = new LetterIndex(many);
    const texts = Array.from({ length: 50 }, (_, group) => thrown(`cause ${String.fromCharCode(65 + group)}`));
    for (let offset = 0; offset < many + 1000; offset++) {
      const { partition: _, ...record } = encodeLetter(letterOf(0, offset, { error: texts[offset % 50] }));
      index.add(0, { ...record, offset, timestamp: 0 });
    }
    assert.deepEqual([index.size, index.omitted], [many, 1000]);
    const ms = computingMs(() => {
      assert.equal(groupsOf(index, {}, many).length, 50);
      assert.equal(pageOf(index, {}, { limit: 100, after: undefined, now: 0 }).places[0]?.offset, 1000);
    });
    assert.ok(ms < 1_000, `${ms} ms`);
    index.forgetBefore(0, many);
    assert.equal(index.size, 1000);
    const { partition: _, ...record } = encodeLetter(letterOf(0, many * 2));
    for (let offset = many * 2; offset < many * 2 + 300; offset++)
      index.add(0, { ...record, ...encodeLetter(letterOf(0, offset)), offset, timestamp: 0 });
    assert.deepEqual([index.size, index.get(`0-${many * 2 + 299}`)?.offset], [1300, many * 2 + 299]);
  });
});
