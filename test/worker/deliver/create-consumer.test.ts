// What Subscriptions and Queues do with their events: targets of every kind, replies, dead
// letters that are published.
import assert from 'node:assert/strict';
import { fromRecord } from '../../../core/cloudevents/record.ts';
import { fanOutLayoutOf } from '../../../core/fan-outs/layout.ts';
import { createJobSignals } from '../../../core/jobs/job-signals.ts';
import { queueTopicOf } from '../../../core/names.ts';
import type { Store } from '../../../drivers/store/store.ts';
import { loadText } from '../../../resources/load/load-text.ts';
import { createResourceSet } from '../../../resources/resource-set.ts';
import type { Caller } from '../../../worker/deliver/caller.ts';
import { type ConsumerDeps, createConsumer } from '../../../worker/deliver/create-consumer.ts';
import type { DeadLetter } from '../../../worker/dispatch/settings.ts';
import { recordSpans } from '../../core/tracing/record-spans.ts';
import { createFakeLog } from '../../fakes/fake-log.ts';
import { createFakeStore } from '../../fakes/fake-store.ts';
import { createFakeWorld } from '../../fakes/fake-world.ts';
import { answerOf, callerOf, itemOf, never } from './items.ts';

const head = 'apiVersion: tenfold.dev/v1alpha1\nkind:';
const topics = `${head} Topic
metadata: { name: orders }
spec: {}
---
${head} Topic
metadata: { name: replies }
spec: { key: "\${event.data.table}", schema: { type: object, required: [table] } }
---
${head} Queue
metadata: { name: brew }
spec: { to: { url: "http://brewer" } }
---
`;

function setUp(spec: string, caller: Caller, kind = 'Subscription') {
  const world = createFakeWorld();
  const log = createFakeLog();
  const { resources, problems } = loadText(
    'app.yaml',
    `${topics}${head} ${kind}\nmetadata: { name: wall }\nspec: ${spec}\n`,
  );
  assert.deepEqual(problems, []);
  const set = createResourceSet(resources);
  const told: string[] = [];
  const deps: ConsumerDeps = {
    world,
    log,
    store: createFakeStore(world) as ReturnType<typeof createFakeStore> & Store,
    blobs: undefined,
    signals: createJobSignals(),
    resources: () => set,
    callerOf: () => caller,
    strangerOf: () => caller,
    secrets: () => undefined,
    problem: message => told.push(message),
  };
  const resource = kind === 'Queue' ? set.get('Queue', 'default', 'wall') : set.get('Subscription', 'default', 'wall');
  assert.ok(resource);
  return { ...createConsumer(resource, deps), log, world, told };
}

const event = { specversion: '1.0', id: 'random', source: '/functions/wall', type: 'Shown', data: { table: '7' } };
const structured = ['content-type', 'application/cloudevents+json'];
const letterOf = (item: ReturnType<typeof itemOf>): DeadLetter => ({
  partition: item.partition,
  offset: item.record.offset,
  generation: 1,
  reason: 'exhausted',
  error: { status: 500, message: 'no\nbeans' },
  attempts: 8,
  at: 5,
  held: false,
  record: item.record,
});

const SENDERS: readonly [what: string, spec: string, topic: string][] = [
  ['a reply', '{ topic: orders, to: { url: "http://wall" }, reply: { topic: replies } }', 'default.replies'],
  ['an event for another topic', '{ topic: orders, to: { topic: orders } }', 'default.orders'],
  ['a job', '{ topic: orders, to: { queue: brew } }', queueTopicOf('default', 'brew')],
  ['a job of a FanOut', '{ topic: orders, to: { fanOut: parts } }', fanOutLayoutOf('default', 'parts').facts],
];
for (const [what, spec, topic] of SENDERS)
  describe(`the trace of ${what} of a subscription`, () => {
    it('goes on below a span of its own, or as it came where no spans are recorded', async () => {
      const caller = callerOf(() => ({ status: 200, headers: structured, body: Buffer.from(JSON.stringify(event)) }));
      const { destination, log } = setUp(spec, caller);
      const { tracer, spans } = recordSpans();
      const trace = tracer.begin(undefined, 'consumer', 'process x');
      const came = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-00`;
      const item = itemOf({}, { headers: { traceparent: came, tracestate: 'a=1' } });
      assert.partialDeepStrictEqual(await destination.deliver([{ ...item, trace }], never), [{ kind: 'done' }]);
      trace.finish();
      await destination.deliver([item], never);
      const [sent] = spans;
      assert.deepEqual([sent?.kind, sent?.name, sent?.parentSpanId], ['producer', `send ${topic}`, trace.spanId]);
      assert.equal(sent?.attributes['messaging.destination.partition.id'], '0');
      assert.deepEqual(
        log.recordsOf(topic).map(({ headers }) => headers['traceparent']),
        [`00-${trace.traceId}-${sent?.spanId}-01`, came],
      );
      const states = log.recordsOf(topic).map(({ headers }) => headers['tracestate']);
      assert.deepEqual(states, ['a=1', 'a=1']);
    });
  });

describe('consumer of a subscription', () => {
  it('publishes what the target answers with, the same each time', async () => {
    const caller = callerOf(() => ({ status: 200, headers: structured, body: Buffer.from(JSON.stringify(event)) }));
    const { destination, log } = setUp(
      '{ topic: orders, to: { function: wall }, reply: { topic: replies } }'.replace(
        'function: wall',
        'url: "http://wall"',
      ),
      caller,
    );
    const item = itemOf({}, { offset: 41, headers: { 'tenfold-depth': '3' } });
    for (let time = 0; time < 2; time++)
      assert.partialDeepStrictEqual((await destination.deliver([item], never)) as object[], [{ kind: 'done' }]);
    const records = log.recordsOf('default.replies');
    assert.equal(records.length, 2);
    for (const record of records) {
      assert.partialDeepStrictEqual(fromRecord(record), {
        id: 'subscription.default.wall/2-41',
        replyid: 'random',
        type: 'Shown',
      });
      assert.equal(record.key, '7');
      assert.equal(record.headers['tenfold-depth'], '4');
    }
  });

  it('gives up an event whose reply its topic refuses, and ends loops', async () => {
    const refused = callerOf(() => ({
      status: 200,
      headers: structured,
      body: Buffer.from(JSON.stringify({ ...event, data: {} })),
    }));
    const first = setUp('{ topic: orders, to: { url: "http://wall" }, reply: { topic: replies } }', refused);
    assert.partialDeepStrictEqual((await first.destination.deliver([itemOf()], never)) as object[], [
      { kind: 'failed', retryable: false },
    ]);
    const looping = callerOf(() => ({ status: 200, headers: structured, body: Buffer.from(JSON.stringify(event)) }));
    const second = setUp('{ topic: orders, to: { url: "http://wall" }, reply: { topic: replies } }', looping);
    const deep = itemOf({}, { headers: { 'tenfold-depth': '31' } });
    assert.partialDeepStrictEqual((await second.destination.deliver([deep], never)) as object[], [
      { kind: 'failed', retryable: false, error: { status: 508 } },
    ]);
  });

  it('ignores answers that are no events', async () => {
    const { destination, log } = setUp(
      '{ topic: orders, to: { url: "http://wall" }, reply: { topic: replies } }',
      callerOf(() => answerOf(200, { ok: true })),
    );
    assert.partialDeepStrictEqual((await destination.deliver([itemOf()], never)) as object[], [{ kind: 'done' }]);
    assert.equal(log.recordsOf('default.replies').length, 0);
  });

  it('hands events to a topic under their own ids, and to a queue as the same job each time', async () => {
    const caller = callerOf(() => answerOf(204));
    const toTopic = setUp('{ topic: orders, to: { topic: replies } }', caller);
    await toTopic.destination.deliver([itemOf({ data: { table: '7' } })], never);
    assert.partialDeepStrictEqual(fromRecord(toTopic.log.recordsOf('default.replies')[0]!), {
      id: 'e-0',
      data: { table: '7' },
    });
    const toQueue = setUp('{ topic: orders, to: { queue: brew } }', caller);
    await toQueue.destination.deliver([itemOf()], never);
    await toQueue.destination.deliver([itemOf()], never);
    const [first, second] = toQueue.log.recordsOf('queue.default.brew');
    assert.match(first?.headers['tenfold-job'] ?? '', /^[0-9a-f]{16}$/);
    assert.equal(first?.headers['tenfold-job'], second?.headers['tenfold-job']);
    assert.ok(first?.headers['tenfold-once']);
    assert.equal(caller.calls.length, 0);
  });

  it('publishes dead letters to their topic, with what became of the event', async () => {
    const { deadLettered, log, told } = setUp(
      '{ topic: orders, to: { url: "http://wall" }, deadLetter: { topic: replies } }',
      callerOf(() => answerOf(204)),
    );
    await deadLettered(letterOf(itemOf({ data: { table: '7' } }, { offset: 41 })));
    assert.partialDeepStrictEqual(fromRecord(log.recordsOf('default.replies')[0]!), {
      id: 'e-41',
      deadreason: 'exhausted',
      deadattempts: '8',
      deadby: 'subscription.default.wall',
      deadid: 'subscription.default.wall/2-41-1',
      deaderror: 'no beans',
    });
    await deadLettered(letterOf(itemOf({ data: {} })));
    assert.equal(told.length, 1);
  });
});
