// Filters and times asked of records: right answers, and data parsed only where
// an expression looks at it.
import assert from 'node:assert/strict';
import { TenfoldError } from '../../../core/errors.ts';
import type { LogRecord } from '../../../drivers/event-log/event-log.ts';
import { compileDueAt, compileFilter } from '../../../worker/plan/record-expressions.ts';

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
