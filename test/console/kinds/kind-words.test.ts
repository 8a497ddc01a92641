// Pages of single kinds compute words, orders and rates before they show them.
import assert from 'node:assert/strict';
import { squaresOf } from '../../../console/pages/kinds/fan-out/item-squares.ts';
import { sortedPlaces, uncomparedWords } from '../../../console/pages/kinds/strangler/feature-words.ts';
import { linesOf } from '../../../console/pages/kinds/strangler/json-sides.ts';
import { dataWords, newestFirst, notesOf } from '../../../console/pages/kinds/topic/event-words.ts';
import { rateOf, withSample } from '../../../console/parts/rate.ts';

describe('what pages of single kinds compute', () => {
  it('puts squares of failed items first, then open ones, each in the order of the items', () => {
    const squares = squaresOf({
      total: 9,
      size: 2,
      groups: [
        { from: 0, succeeded: 2, failed: 0, open: 0 },
        { from: 2, succeeded: 1, failed: 0, open: 1 },
        { from: 4, succeeded: 0, failed: 1, open: 1 },
        { from: 6, succeeded: 1, failed: 1, open: 0 },
        { from: 8, succeeded: 0, failed: 0, open: 1 },
      ],
    });
    assert.deepEqual(
      squares.map(({ look, words }) => [look, words]),
      [
        ['failed', 'items 4 to 5: 1 failed, 1 open'],
        ['failed', 'items 6 to 7: 1 failed, 1 succeeded'],
        ['open', 'items 2 to 3: 1 open, 1 succeeded'],
        ['open', 'item 8: open'],
        ['succeeded', 'items 0 to 1: 2 succeeded'],
      ],
    );
  });

  it('tells how fast a count grows over the last minute, and begins anew where the count does', () => {
    const rates: (number | undefined)[] = [];
    let samples: Parameters<typeof withSample>[0] = [];
    for (const [at, count] of [
      [0, 100],
      [10_000, 150],
      [10_000, 999],
      [70_000, 150],
      [80_000, 180],
      [81_000, 2],
      [82_000, 5],
    ] as const) {
      samples = withSample(samples, { at, count });
      rates.push(rateOf(samples));
    }
    assert.deepEqual(rates, [undefined, 5, 5, 0, 30 / 70, undefined, 3]);
  });

  it('tells no rate over the counts of two processes, nor over hours in which nobody looked', () => {
    const rates = (samples: readonly (readonly [at: number, count: number])[]) => {
      let kept: Parameters<typeof withSample>[0] = [];
      return samples.map(([at, count]) => {
        kept = withSample(kept, { at: at * 1000, count });
        return rateOf(kept);
      });
    };
    const turns = rates([
      [0, 1_000_000],
      [4, 10],
      [8, 1_000_080],
      [12, 1_000_120],
      [16, 50],
      [20, 90],
      [24, 1_000_240],
    ]);
    assert.deepEqual(turns, [undefined, undefined, undefined, 10, undefined, 10, undefined]);
    assert.deepEqual(
      rates([
        [0, 0],
        [3600, 50],
        [3610, 90],
      ]),
      [undefined, undefined, 4],
    );
  });

  it('lays the differences of two documents out as lines, below what they share', () => {
    const at = (place: string) => ({ at: place, legacy: `old ${place}`, new: `new ${place}` });
    const lines = linesOf([
      at('status'),
      at('/total'),
      at('/drinks/0/name'),
      at('/drinks/0/a~1b'),
      at('/drinks/1/name'),
      at(''),
    ]);
    assert.deepEqual(
      lines.map(
        ({ depth, name, sides }) => `${' '.repeat(depth)}${name}${sides === undefined ? ':' : `=${sides.new}`}`,
      ),
      [
        'status=new status',
        'body:',
        ' total=new /total',
        ' drinks:',
        '  0:',
        '   name=new /drinks/0/name',
        '   a/b=new /drinks/0/a~1b',
        '  1:',
        '   name=new /drinks/1/name',
        'the whole body=new ',
      ],
    );
  });

  it('puts mismatches before noise, and says why requests were not compared', () => {
    const place = (at: string, differs: number, verdict: 'mismatch' | 'noise') => ({ at, differs, noise: 1, verdict });
    const places = [place('/a', 9, 'noise'), place('/b', 1, 'mismatch'), place('/c', 3, 'mismatch')];
    assert.deepEqual(
      sortedPlaces(places).map(({ at }) => at),
      ['/c', '/b', '/a'],
    );
    const nothing = { compared: 0, mismatched: 0, masked: 0, measured: 0, examples: [], noise: {}, places: [] };
    const shadow = { ...nothing, placesLeftOut: false, skipped: { unsafe: 2 }, uncompared: { 'too-large': 1 } };
    assert.deepEqual(uncomparedWords(shadow), [
      '2 requests with a method that may change something',
      '1 request larger than maxBody',
    ]);
  });

  it('lists the events of all partitions by time, and says what the list lacks', () => {
    const event = (partition: number, offset: number, appendedAt: string) =>
      ({ kind: 'event', event: { partition, offset, appendedAt, key: null, bytes: 2, data: {} } }) as const;
    const report = { position: '', progress: { done: 9, total: 9 }, scanned: 9 };
    const lines = [
      event(0, 1, '2026-01-01T00:00:01Z'),
      event(0, 2, '2026-01-01T00:00:03Z'),
      event(1, 7, '2026-01-01T00:00:02Z'),
      event(1, 8, '2026-01-01T00:00:02Z'),
      { kind: 'incomplete', found: 4, scanned: 1000 },
      { kind: 'done', ...report, undecided: { count: 1, first: '0-4', message: 'No such key: total.' } },
    ] as const;
    assert.deepEqual(
      newestFirst(lines).map(({ partition, offset }) => `${partition}-${offset}`),
      ['0-2', '1-8', '1-7', '0-1'],
    );
    assert.deepEqual(notesOf(lines), [
      'The search ended after 1000 events; older ones may match.',
      'The filter could not decide about 1 event. No such key: total.',
    ]);
  });

  for (const [title, more, words] of [
    ['JSON', { data: { a: 1 } }, '{"a":1}'],
    ['long text', { text: 'x'.repeat(300) }, `${'x'.repeat(200)}…`],
    ['bytes', { base64: 'AAEC' }, '3 bytes'],
    ['nothing', {}, 'no data'],
    ['a record that is no event', { unreadable: 'This is no event.' }, 'This is no event.'],
  ] as const)
    it(`shows ${title} on one line`, () =>
      assert.equal(dataWords({ partition: 0, offset: 0, key: null, bytes: 3, ...more }), words));
});
