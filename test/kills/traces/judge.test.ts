// The judge of traces misses what nobody excuses, and excuses what a killed process had.
import assert from 'node:assert/strict';
import { functionSpanId } from '../../../core/trace-context.ts';
import type { CollectedSpan } from '../../cluster/tracing/collector.ts';
import { judge, type Life, SENT_WITHIN_MS, type TracedCall, type TracedLetter } from './judge.ts';

const TRACE = 'a'.repeat(32);
const AT = 1_000_000;

function spanOf(spanId: string, parentSpanId: string, name: string): CollectedSpan {
  const attributes = [{ key: 'messaging.message.id', value: { stringValue: 'e1' } }];
  const times = { startTimeUnixNano: '0', endTimeUnixNano: '0' };
  return { traceId: TRACE, spanId, parentSpanId, name, kind: 1, service: 'x', attributes, ...times };
}

/** A request, its publication, two attempts with their functions, and the end. */
const SPANS = [
  spanOf('request', '', 'POST /orders'),
  spanOf('sent', 'request', 'send orders'),
  ...['1', '2'].flatMap(n => [
    spanOf(`delivery${n}`, 'sent', 'process orders'),
    spanOf(`${n}attempt`, `delivery${n}`, 'POST'),
    spanOf(functionSpanId(`${n}attempt`), `${n}attempt`, 'bill'),
  ]),
  spanOf('end', 'sent', 'dead-letter orders'),
];

function judged(lacking: string, killed: { gateway?: number; first?: number; second?: number } = {}) {
  const life = (name: string, killedAt: number | undefined): Life => ({ name, killedAt });
  const workers = [life('first', killed.first), life('second', killed.second)];
  const calls = workers.map(
    (worker, index): TracedCall => ({ worker, at: AT + 500 * index, trace: TRACE, span: `${index + 1}attempt` }),
  );
  const sent = { gateway: life('gateway', killed.gateway), at: AT - 10 };
  const letter: TracedLetter = { id: 'e1', trace: TRACE, published: 'sent', sent, calls };
  const found = judge(
    [letter],
    SPANS.filter(({ spanId }) => spanId !== lacking),
    workers,
  );
  return found.whole === 1 ? 'whole' : found.excused === 1 ? 'excused' : found.wrong.join();
}

describe('the judge of traces', () => {
  it('calls a trace whole that lacks nothing, whoever was killed', () => {
    assert.equal(judged('nothing'), 'whole');
    assert.equal(judged('nothing', { gateway: AT, first: AT, second: AT + 501 }), 'whole');
  });

  for (const { spanId } of SPANS)
    it(`misses ${spanId} where nobody was killed, or long after`, () => {
      assert.match(judged(spanId), /^e1 lacks /);
      const late = AT + 501 + SENT_WITHIN_MS;
      assert.match(judged(spanId, { gateway: late, first: late, second: late }), /^e1 lacks /);
    });

  it('excuses what the killed process had, and nothing else', () => {
    const rows: [lacking: string, killed: Parameters<typeof judged>[1], excused: boolean][] = [
      ['request', { gateway: AT + 100 }, true],
      ['sent', { gateway: AT + 100 }, true],
      ['sent', { first: AT + 100 }, false],
      ['request', { first: AT + 100 }, false],
      ['1attempt', { first: AT + 100 }, true],
      ['1attempt', { first: AT - 1 }, true],
      ['2attempt', { first: AT + 100 }, false],
      ['1attempt', { gateway: AT + 100 }, false],
      ['end', { second: AT + 600 }, true],
      ['end', { gateway: AT + 600 }, false],
    ];
    for (const [lacking, killed, excused] of rows)
      assert.equal(judged(lacking, killed) === 'excused', excused, `${lacking} ${JSON.stringify(killed)}`);
  });

  it('has the gateway told by the first worker that lived on', () => {
    const gateway = AT + 501 + SENT_WITHIN_MS;
    assert.match(judged('request', { gateway }), /lacks the request/);
    assert.match(judged('request', { gateway: gateway - 1, first: AT + 1 }), /^excused$/);
  });
});
