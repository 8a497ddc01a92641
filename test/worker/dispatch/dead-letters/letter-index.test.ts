// The index of dead letters: which letter and which decision count, in whatever order their
// records come, and what it forgets.
import assert from 'node:assert/strict';
import type { NewRecord } from '../../../../drivers/event-log/event-log.ts';
import { encodeLetter, encodeMark } from '../../../../worker/dispatch/dead-letters/dead-letter-codec.ts';
import { LetterIndex } from '../../../../worker/dispatch/dead-letters/letter-index.ts';
import { findAll, groupsOf, type LetterFilter, pageOf } from '../../../../worker/dispatch/dead-letters/letter-query.ts';
import type { DeadLetter } from '../../../../worker/dispatch/settings.ts';
import { letterOf } from './letters.ts';

class Topic {
  readonly index: LetterIndex;
  #next = 0;

  constructor(most = 1000) {
    this.index = new LetterIndex(most);
  }

  add({ partition = 0, ...record }: NewRecord): void {
    this.index.add(partition, { ...record, offset: this.#next++, timestamp: 0 });
  }

  letter(offset: number, some: Partial<DeadLetter> & { readonly in?: number } = {}): void {
    const { in: partition = 0, ...rest } = some;
    this.add(encodeLetter(letterOf(partition, offset, rest)));
  }

  mark(offset: number, generation: number, mark: 'redriven' | 'purged' = 'redriven'): void {
    this.add(encodeMark(mark, 0, offset, generation));
  }

  later(event: number | undefined, partition = 0): void {
    const headers = { 'tenfold-dead': JSON.stringify({ v: 2, event }) };
    this.add({ key: null, value: new Uint8Array(0), partition, headers });
  }

  get places(): string[] {
    const all = findAll(this.index, {}, 0);
    return all.map(
      ({ partition, offset, generation, held }) => `${partition}-${offset}/${generation}${held ? ' held' : ''}`,
    );
  }
}

describe('the index of dead letters', () => {
  it('finds a letter by its id as it is written, and by no other', () => {
    const topic = new Topic();
    topic.letter(7);
    assert.equal(topic.index.get('0-7')?.offset, 7);
    for (const id of ['00-7', '0-07', '0-7-1', '0-7.0', '0-8', '1-7', 'x', '0', ''])
      assert.equal(topic.index.get(id), undefined, id);
  });

  it('passes over what is no dead letter', () => {
    const topic = new Topic();
    topic.add({ key: 'k', value: new Uint8Array(1), headers: {} });
    assert.equal(topic.index.size, 0);
  });

  it('takes no letter back whose event was decided about, and the next generation all the same', () => {
    const topic = new Topic();
    topic.mark(1, 1);
    topic.mark(2, 0);
    for (const generation of [0, 1]) topic.letter(1, { generation });
    topic.letter(2, { generation: 0 });
    assert.deepEqual(topic.places, []);
    topic.letter(1, { generation: 2 });
    assert.deepEqual(topic.places, ['0-1/2']);
  });

  it('keeps a letter of a later generation than a decision or an older letter is about', () => {
    const topic = new Topic();
    topic.letter(1, { generation: 1 });
    topic.letter(1, { generation: 0 });
    topic.mark(1, 0);
    assert.deepEqual(topic.places, ['0-1/1']);
    assert.equal(topic.index.size, 1);
    topic.mark(1, 1);
    assert.deepEqual([topic.places, topic.index.size], [[], 0]);
  });

  it('counts no letter less for a decision about an event that has none', () => {
    const topic = new Topic();
    topic.letter(1);
    topic.mark(9, 0);
    assert.deepEqual([topic.places, topic.index.size], [['0-1/0'], 1]);
  });

  it('keeps the decision about the latest generation', () => {
    const topic = new Topic();
    topic.mark(1, 2, 'redriven');
    topic.mark(1, 1, 'purged');
    assert.deepEqual([topic.index.decisionOf('0-1')?.generation, topic.index.decisionOf('0-1')?.mark], [2, 'redriven']);
    topic.mark(2, 1, 'redriven');
    topic.mark(2, 2, 'purged');
    assert.deepEqual([topic.index.decisionOf('0-2')?.generation, topic.index.decisionOf('0-2')?.mark], [2, 'purged']);
    topic.mark(3, 1, 'redriven');
    topic.mark(3, 1, 'purged');
    assert.equal(topic.index.decisionOf('0-3')?.mark, 'redriven');
  });

  it('forgets the decisions that were made longest ago', () => {
    const topic = new Topic(2);
    for (const offset of [1, 2, 1, 3]) topic.mark(offset, 0);
    assert.deepEqual(
      [1, 2, 3].map(offset => topic.index.decisionOf(`0-${offset}`) !== undefined),
      [true, false, true],
    );
  });

  it('lets a held event be skipped once, and held again in its next generation', () => {
    const topic = new Topic();
    topic.letter(1, { held: true });
    topic.letter(1, { held: true });
    assert.deepEqual(topic.places, ['0-1/0 held']);
    topic.letter(1, { held: false });
    topic.letter(1, { held: true });
    assert.deepEqual(topic.places, ['0-1/0']);
    topic.letter(1, { held: true, generation: 1 });
    assert.deepEqual([topic.places, topic.index.size], [['0-1/1 held'], 1]);
  });

  it('cannot tell whether an event has a letter of which a later release has written', () => {
    const topic = new Topic(2);
    topic.letter(1);
    topic.letter(2);
    topic.later(1);
    topic.letter(1, { generation: 1 });
    assert.deepEqual([topic.places, topic.index.size], [['0-2/0'], 1]);
    assert.deepEqual([...topic.index.later], [['0-1', { partition: 0, at: 2, version: 2 }]]);
    topic.later(undefined, 1);
    topic.later(1);
    assert.deepEqual([[...topic.index.later.keys()], topic.index.omitted], [['1@4', '0-1'], 0]);
    topic.later(5);
    assert.deepEqual([[...topic.index.later.keys()], topic.index.omitted], [['0-1', '0-5'], 1]);
  });

  it('forgets what was deleted from one partition, and nothing of another', () => {
    const topic = new Topic();
    topic.letter(1);
    topic.letter(1, { in: 1 });
    topic.later(8);
    topic.later(9, 1);
    topic.letter(2);
    topic.index.forgetBefore(0, 4);
    assert.deepEqual([topic.places, [...topic.index.later.keys()]], [['1-1/0', '0-2/0'], ['1-9']]);
    topic.index.forgetBefore(1, 3);
    assert.deepEqual([topic.places, [...topic.index.later.keys()]], [['0-2/0'], ['1-9']]);
  });

  it('has one group for all causes beyond ten thousand', () => {
    const topic = new Topic(20_000);
    const word = (number: number) => [...`${number}`].map(digit => 'ghijklmnop'[Number(digit)]).join('');
    for (let offset = 0; offset < 10_003; offset++) topic.letter(offset, { error: { message: word(offset) } });
    const groups = groupsOf(topic.index, {}, 0);
    assert.equal(topic.index.groups.length, 10_001);
    assert.deepEqual([groups[0]?.count, groups[0]?.text], [3, 'other causes: there are more than 10000']);
  });
});

describe('a query of dead letters', () => {
  function drawn(): Topic {
    const topic = new Topic();
    const ats = [10, 50, 90, 100, 70, 50, 20];
    for (const [index, at] of ats.entries()) topic.letter(20 - index, { in: index % 2, at });
    topic.letter(14, { in: 1, at: 50 });
    topic.letter(15, { in: 0, at: 55 });
    return topic;
  }
  // In the order in which they were given up.
  const all = ['0-20', '0-14', '1-14', '1-15', '1-19', '0-15', '0-16', '0-18', '1-17'];

  for (let limit = 1; limit <= 10; limit++)
    it(`gives all in pages of ${limit}, in the order in which they were given up`, () => {
      const { index } = drawn();
      const seen: string[] = [];
      const nexts: string[] = [];
      for (let after: string | undefined; ; ) {
        const page = pageOf(index, {}, { limit, after, now: 0 });
        seen.push(...page.places.map(({ partition, offset }) => `${partition}-${offset}`));
        after = page.next;
        if (after === undefined) break;
        nexts.push(after);
      }
      assert.deepEqual(seen, all);
      assert.equal(nexts.length, Math.ceil(all.length / limit) - 1);
      if (limit === 3) assert.deepEqual(nexts, ['50.1.14', '55.0.15']);
    });

  it('refuses a place that is none', () => {
    const { index } = drawn();
    for (const after of ['', 'x', '1', '1.2', '1.2.x', 'x.1.2', '1.x.2'])
      assert.throws(() => pageOf(index, {}, { limit: 1, after, now: 0 }), { code: 'bad-request' }, after);
  });

  it('finds all in the order of the log', () => {
    const found = findAll(drawn().index, {}, 0).map(({ partition, offset }) => `${partition}-${offset}`);
    assert.deepEqual(found, ['0-14', '1-14', '0-15', '1-15', '0-16', '1-17', '0-18', '1-19', '0-20']);
  });

  it('finds by age, to the millisecond, and by whether a key waits', () => {
    const { index } = drawn();
    const count = (filter: LetterFilter) => findAll(index, filter, 100).length;
    assert.deepEqual([count({ olderThanMs: 50 }), count({ olderThanMs: 51 })], [5, 2]);
    assert.deepEqual([count({ newerThanMs: 50 }), count({ newerThanMs: 49 })], [7, 4]);
    assert.deepEqual([count({ held: false }), count({ held: true })], [9, 0]);
  });

  it('has the group first that has most letters, of as many the newer one, each with its newest', () => {
    const topic = new Topic();
    const of = (message: string, offset: number, at: number) => topic.letter(offset, { error: { message }, at });
    of('few', 1, 90);
    of('old', 2, 30);
    of('old', 3, 10);
    of('new', 4, 5);
    of('new', 5, 40);
    of('many', 6, 20);
    of('many', 7, 20);
    of('many', 8, 3);
    const groups = groupsOf(topic.index, {}, 100);
    assert.deepEqual(
      groups.map(({ text, count, first, last, newest }) => [text.slice(11), count, first, last, newest.offset]),
      [
        ['many', 3, 3, 20, 7],
        ['new', 2, 5, 40, 5],
        ['old', 2, 10, 30, 2],
        ['few', 1, 90, 90, 1],
      ],
    );
  });
});
