// What a function may answer with in place of an event, and what that becomes.
import assert from 'node:assert/strict';
import type { CloudEvent } from '../../../../core/cloudevents/cloud-event.ts';
import { toProjected } from '../../../../worker/views/projection/projected-events.ts';

const cause: CloudEvent = {
  specversion: '1.0',
  id: 'c1',
  source: '/t',
  type: 'order',
  time: '2026-01-01T00:00:00Z',
  data: 1,
};
const other = { specversion: '1.0', id: 'o', source: '/f', type: 'made', data: { n: 2 } };
const answer = (type: string, body: unknown) => ({
  status: 200,
  headers: type === '' ? [] : ['Content-Type', type],
  body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
});
const STRUCTURED = 'application/cloudevents+json';

describe('what a function projects', () => {
  const rows: readonly [string, ReturnType<typeof answer>, [id: string, type: string, data: unknown][]][] = [
    ['nothing', answer('', ''), []],
    ['null', answer('application/json', 'null'), []],
    ['data', answer('application/json', { n: 1 }), [['c1', 'order', { n: 1 }]]],
    [
      'a list of data',
      answer('application/json', [{ n: 1 }, { n: 2 }]),
      [
        ['c1-0', 'order', { n: 1 }],
        ['c1-1', 'order', { n: 2 }],
      ],
    ],
    ['an empty list', answer('application/json', []), []],
    ['an event', answer(STRUCTURED, other), [['o', 'made', { n: 2 }]]],
    [
      'a batch',
      answer('application/cloudevents-batch+json', [other, { ...other, id: 'p' }]),
      [
        ['o', 'made', { n: 2 }],
        ['p', 'made', { n: 2 }],
      ],
    ],
    [
      'events and data in a list',
      answer('application/json', [other, { n: 3 }]),
      [
        ['o', 'made', { n: 2 }],
        ['c1-1', 'order', { n: 3 }],
      ],
    ],
    [
      'what a function of the SDK returns',
      answer(STRUCTURED, { ...other, type: 'order.reply', data: [{ n: 1 }, other] }),
      [
        ['c1-0', 'order', { n: 1 }],
        ['o', 'made', { n: 2 }],
      ],
    ],
  ];
  for (const [what, given, expected] of rows) {
    it(`may be ${what}`, () => {
      const made = toProjected(given, cause);
      assert.deepEqual(
        made.map(({ id, type, data }) => [id, type, data]),
        expected,
      );
    });
  }

  for (const [what, given] of Object.entries({
    'is no JSON': answer('application/json', '{'),
    'is a text': answer('text/plain', 'hello'),
    'is half an event': answer('application/json', [{ specversion: '1.0', source: '/f', type: 't' }]),
  })) {
    it(`is refused when it ${what}`, () => {
      assert.throws(() => toProjected(given, cause), { code: 'invalid-event' });
    });
  }
});
