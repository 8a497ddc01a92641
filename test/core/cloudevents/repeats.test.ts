// What a new event says of the event that it repeats, and what is read of that in its record.
import assert from 'node:assert/strict';
import type { CloudEvent } from '../../../core/cloudevents/cloud-event.ts';
import { fromRecord, toRecord } from '../../../core/cloudevents/record.ts';
import { repeat, repeatedBy } from '../../../core/cloudevents/repeats.ts';

const order: CloudEvent = { specversion: '1.0', id: '17', source: '/shop', type: 'OrderCreated', data: { cups: 2 } };

describe('an event that repeats another', () => {
  it('is that event with another id, and names it by id, source and place', () => {
    const again = repeat(order, 'new', { topic: 'shop.orders', partition: 3, offset: 17 });
    const record = toRecord(again, null);
    const { id, type, source, data } = fromRecord(record);
    assert.deepEqual([id, type, source, data], ['new', 'OrderCreated', '/shop', { cups: 2 }]);
    assert.deepEqual(repeatedBy(record), {
      id: '17',
      source: '/shop',
      at: { topic: 'shop.orders', partition: 3, offset: 17 },
    });
  });

  it('names the newest where the event that it repeats repeats another one', () => {
    const second = repeat(order, 'second', { topic: 'orders', partition: 0, offset: 1 });
    const third = repeat(second, 'third', { topic: 'orders', partition: 0, offset: 2 });
    assert.deepEqual(repeatedBy(toRecord(third, null)), {
      id: 'second',
      source: '/shop',
      at: { topic: 'orders', partition: 0, offset: 2 },
    });
  });

  for (const [title, headers, expected] of [
    ['none', {}, undefined],
    ['an id alone', { ce_tenfoldrepeatsid: '17' }, undefined],
    [
      'no place',
      { ce_tenfoldrepeatsid: '17', ce_tenfoldrepeatssource: '/s' },
      { id: '17', source: '/s', at: undefined },
    ],
    [
      'a place that is none',
      { ce_tenfoldrepeatsid: '17', ce_tenfoldrepeatssource: '/s', ce_tenfoldrepeatsat: 'orders@../1' },
      { id: '17', source: '/s', at: undefined },
    ],
  ] as const)
    it(`is read of a record with ${title}`, () => assert.deepEqual(repeatedBy({ headers }), expected));
});
