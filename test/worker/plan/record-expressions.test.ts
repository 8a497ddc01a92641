// Filters and times asked of records: right answers, and data parsed only where
// an expression looks at it.
import assert from 'node:assert/strict';
import { TenfoldError } from '../../../core/errors.ts';
import type { LogRecord } from '../../../drivers/event-log/event-log.ts';
import { compileDueAt, compileFilter, compileShare } from '../../../worker/plan/record-expressions.ts';

function recordOf(attributes: Record<string, string>, data?: string, contentType = 'application/json'): LogRecord {
  const headers: Record<string, string> = {
    ce_specversion: '1.0',
    ce_id: '1',
    ce_source: '/shop',
    ce_type: 'OrderCreated',
  };
  for (const [name, value] of Object.entries(attributes)) headers[`ce_${name}`] = value;
  if (data !== undefined) headers['content-type'] = contentType;
  return { offset: 0, timestamp: 0, key: null, value: Buffer.from(data ?? ''), headers };
}

describe('a filter', () => {
  const cases: readonly (readonly [name: string, filter: string, record: LogRecord, holds: boolean])[] = [
    ['by type', "${event.type == 'OrderCreated'}", recordOf({}), true],
    ['by another type', "${event.type == 'OrderPaid'}", recordOf({}), false],
    ['by an extension attribute', "${event.tenant == 'a'}", recordOf({ tenant: 'a' }), true],
    ['by data', '${event.data.total > 10}', recordOf({}, '{"total":12}'), true],
    [
      'by type and data',
      "${event.type == 'OrderCreated' && event.data.total > 10}",
      recordOf({}, '{"total":2}'),
      false,
    ],
    ['by media type', "${event.datacontenttype == 'text/plain'}", recordOf({}, 'hi', 'text/plain'), true],
    ['of all the event', '${has(event.data)}', recordOf({}, '{}'), true],
    [
      'of an event in structured mode',
      '${event.data.total > 10}',
      recordOf(
        {},
        JSON.stringify({ specversion: '1.0', id: '1', source: '/s', type: 't', data: { total: 11 } }),
        'application/cloudevents+json',
      ),
      true,
    ],
  ];
  for (const [name, filter, record, holds] of cases) {
    it(`${name} ${holds ? 'holds' : 'does not hold'}`, () => assert.equal(compileFilter(filter)(record), holds));
  }

  it('by attributes does not parse the data', () => {
    assert.equal(compileFilter("${event.type == 'OrderCreated'}")(recordOf({}, '{ no json')), true);
  });

  it('throws where it cannot be asked', () => {
    const fails = (filter: string, record: LogRecord, code: string) =>
      assert.throws(
        () => compileFilter(filter)(record),
        (error: unknown) => error instanceof TenfoldError && error.code === code,
      );
    fails('${event.data.total > 10}', recordOf({}, '{"total":"much"}'), 'expression-failed');
    fails('${event.data.total > 10}', recordOf({}, '{ no json'), 'invalid-event');
  });
});

describe('the time of delivery', () => {
  it('is that of the expression', () => {
    const at = compileDueAt('${event.data.sendAt}');
    assert.equal(at(recordOf({}, '{"sendAt":"2026-01-01T00:00:00Z"}')), 1_767_225_600_000);
    assert.equal(
      compileDueAt('${timestamp(event.time) + duration("1m")}')(recordOf({ time: '2026-01-01T00:00:00Z' })),
      1_767_225_660_000,
    );
  });
});

describe('a share', () => {
  const { by, weight, max } = compileShare({ by: '${event.data.tenant}', weight: '${event.data.weight}', max: 3 });
  const shareOf = (data: string) => [by(recordOf({}, data)), weight?.(recordOf({}, data))];

  it('has the name and the weight that the event gives, and `max`', () => {
    assert.deepEqual(shareOf('{"tenant":"acme","weight":4}'), ['acme', 4]);
    assert.deepEqual(shareOf('{"tenant":17,"weight":0.5}'), ['17', 0.5]);
    assert.equal(max, 3);
  });

  const odd: readonly (readonly [name: string, data: string, share: readonly unknown[]])[] = [
    ['null', '{"tenant":null,"weight":null}', [undefined, 1]],
    ['nothing', '{}', [undefined, 1]],
    ['no JSON', '{ no json', [undefined, 1]],
    ['a list and a weight of 0', '{"tenant":["a"],"weight":0}', [undefined, 1]],
    ['a name of 257 characters and a weight below 0', `{"tenant":"${'a'.repeat(257)}","weight":-1}`, [undefined, 1]],
    ['a weight that is too large', '{"tenant":"a","weight":1e300}', ['a', 1000]],
    ['a weight that is too small', '{"tenant":"a","weight":1e-300}', ['a', 0.001]],
  ];
  for (const [name, data, share] of odd) it(`bears ${name}`, () => assert.deepEqual(shareOf(data), share));

  it('keeps the name that attributes give where the data has no weight', () => {
    const both = compileShare({ by: '${event.tenant}', weight: '${event.data.weight}' });
    const record = recordOf({ tenant: 'acme' }, '{ no json');
    assert.deepEqual([both.by(record), both.weight?.(record)], ['acme', 1]);
  });

  it('has weight 1 where none is declared', () => {
    assert.equal(compileShare({ by: '${event.type}' }).weight, undefined);
    assert.equal(compileShare({ by: '${event.type}' }).by(recordOf({}, '{ no json')), 'OrderCreated');
  });
});
