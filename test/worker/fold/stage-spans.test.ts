// The spans of stages: of Views and Pipelines as of anything else that reads batch after batch.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { realWorld } from '../../../core/world.ts';
import { startFold } from '../../../worker/fold/fold.ts';
import { startOperator } from '../../../worker/fold/operator.ts';
import { startRekey } from '../../../worker/fold/rekey.ts';
import { observed, type StageObserver } from '../../../worker/fold/stage.ts';
import { withStageSpans } from '../../../worker/fold/stage-spans.ts';
import { readAll, record } from '../../contract/event-log/subject.ts';
import { recordSpans } from '../../core/tracing/record-spans.ts';
import { openLog } from '../../drivers/event-log/sqlite/open-log.ts';
import { temporaryFolder } from '../../drivers/sqlite/temporary-folder.ts';
import { openStore } from '../../drivers/store/sqlite/open-store.ts';
import { eventually } from '../../eventually.ts';

const never = new AbortController().signal;
const silent: StageObserver = { trouble() {}, superseded() {}, jumped() {}, refused() {} };
const digits = (index: number, length: number) => (index + 1).toString(16).padStart(length, '0');
const traceparent = (index: number, flags = '01') => `00-${digits(index, 32)}-${digits(index, 16)}-${flags}`;
const event = (index: number, flags?: string) => ({
  ...record(`k${index}`, 'x', {
    headers: { traceparent: traceparent(index, flags), tracestate: `a=${index}`, ce_id: `e${index}` },
  }),
  offset: index,
  timestamp: 0,
});

describe('the span of a batch of a stage', () => {
  const batchOf = (records: ReturnType<typeof event>[]) => ({ group: 'g', topic: 't', partition: 3, records });

  async function run(records: ReturnType<typeof event>[], work = async () => {}, ratio = 0, signal = never) {
    const recorded = recordSpans({ sampling: { ratio, parentBased: true } });
    const observer = withStageSpans(silent, recorded.tracer, 'View/shop/totals');
    await observed(observer, batchOf(records), signal, work).catch(() => undefined);
    return recorded;
  }

  it('continues the trace of a single event', async () => {
    const { spans } = await run([event(1)]);
    assert.deepEqual(
      spans.map(({ traceId, tracestate, parentSpanId, kind, attributes }) => ({
        traceId,
        tracestate,
        parentSpanId,
        kind,
        attributes,
      })),
      [
        {
          traceId: digits(1, 32),
          tracestate: 'a=1',
          parentSpanId: digits(1, 16),
          kind: 'consumer',
          attributes: {
            'messaging.system': 'tenfold',
            'messaging.operation.name': 'process',
            'messaging.operation.type': 'process',
            'messaging.destination.name': 't',
            'messaging.message.id': 'e1',
            'messaging.destination.partition.id': '3',
            'tenfold.offset': 1,
            'messaging.consumer.group.name': 'g',
            'tenfold.consumer': 'View/shop/totals',
          },
        },
      ],
    );
  });

  it('has a link to each event that is sampled, and to no other', async () => {
    const { spans } = await run([event(1), event(2, '00'), event(3)]);
    assert.deepEqual(
      spans[0]?.links.map(({ spanId, tracestate }) => [spanId, tracestate]),
      [
        [digits(1, 16), 'a=1'],
        [digits(3, 16), 'a=3'],
      ],
    );
    assert.equal(spans[0]?.attributes['messaging.batch.message_count'], 3);
    assert.equal(spans[0]?.parentSpanId, undefined);
  });

  it('says how many links it has no room for', async () => {
    const { spans } = await run(Array.from({ length: 200 }, (_, index) => event(index)));
    assert.deepEqual([spans[0]?.links.length, spans[0]?.droppedLinks], [128, 72]);
  });

  it('is exported of events that nobody sampled only when it fails', async () => {
    const events = [event(1, '00'), event(2, '00')];
    assert.equal((await run(events)).spans.length, 0);
    const { spans } = await run(events, () => Promise.reject(new TypeError('no store')));
    assert.deepEqual(
      [spans[0]?.failed, spans[0]?.attributes['error.type'], spans[0]?.message],
      [true, 'TypeError', 'no store'],
    );
  });

  it('is no failure of a stage that was told to stop', async () => {
    const events = [event(1, '00')];
    const fails = () => Promise.reject(new TypeError('no store'));
    const stopped = AbortSignal.abort();
    assert.deepEqual((await run(events, fails, 0, stopped)).told, []);
    const { spans, told } = await run([event(1)], fails, 0, stopped);
    assert.deepEqual(
      [spans.map(({ failed, attributes }) => [failed, attributes['tenfold.given_up']]), told],
      [[[false, true]], []],
    );
  });

  it('is a failure where nothing but undefined was thrown', async () => {
    const { spans } = await run([event(1, '00')], () => Promise.reject());
    assert.equal(spans[0]?.failed, true);
  });

  it('of an event that was set aside is in its trace, whatever was sampled', () => {
    const { tracer, spans, told } = recordSpans({ sampling: { ratio: 0, parentBased: true } });
    let refused = 0;
    const observer = withStageSpans({ ...silent, refused: () => refused++ }, tracer, 'View/shop/totals');
    observer.refused(3, event(1, '00'), new Error('no number'));
    assert.deepEqual([refused, spans[0]?.name, spans[0]?.message], [1, 'dead-letter View/shop/totals', 'no number']);
    assert.deepEqual([spans[0]?.traceId, told], [digits(1, 32), [digits(1, 32)]]);
  });
});

describe('the span of a batch that a stage works on while it closes', () => {
  it('is no failure, and keeps no trace', async () => {
    const folder = temporaryFolder();
    const log = await openLog(folder.file);
    const { tracer, spans, told } = recordSpans();
    await log.ensureTopic('events', { partitions: 1 });
    const working = Promise.withResolvers<void>();
    const stage = await startOperator({
      world: realWorld,
      log,
      group: 'g',
      topic: 'events',
      observer: withStageSpans(silent, tracer, 'View/shop/totals'),
      start: async ({ signal }) => ({
        from: 0,
        patienceMs: () => 60_000,
        idle: async () => undefined,
        async records() {
          working.resolve();
          await once(signal, 'abort');
          throw signal.reason;
        },
      }),
    });
    try {
      await log.append('events', [event(1)]);
      await working.promise;
      await stage.close(60_000);
      assert.deepEqual(
        [spans.map(({ failed, attributes }) => [failed, attributes['tenfold.given_up']]), told],
        [[[false, true]], []],
      );
    } finally {
      await log.close();
      folder.remove();
    }
  });
});

describe('the spans of two stages', () => {
  it('hold together by the traces that a keyed record takes along', async () => {
    const [one, other] = [temporaryFolder(), temporaryFolder()];
    const [log, store] = [await openLog(one.file), await openStore(other.file)];
    const { tracer, spans } = recordSpans();
    const observer = withStageSpans(silent, tracer, 'View/shop/totals');
    for (const topic of ['events', 'keyed']) await log.ensureTopic(topic, { partitions: 1 });
    const refused = async () => {};
    const project = () => [{ key: 'k', value: Buffer.from('x') }];
    const stages = [
      await startRekey({
        world: realWorld,
        log,
        observer,
        settings: { group: 'r', topic: 'events', target: 'keyed', project, refused },
      }),
      await startFold({
        world: realWorld,
        log,
        store,
        observer,
        settings: {
          group: 'f',
          topic: 'keyed',
          consumer: 'f',
          scopeOf: at => `f/${at}`,
          toChanges: async () => [],
          refused,
        },
      }),
    ];
    try {
      await log.append('events', [event(1), event(2, '00')]);
      await eventually(() => spans.length > 0, 'the fold has its span');
      const headers = (await readAll(log, 'keyed', 0)).map(found => found.headers['traceparent']);
      assert.deepEqual(headers, [traceparent(1), undefined]);
      const linked = spans.flatMap(span => [span.parentSpanId, ...span.links.map(({ spanId }) => spanId)]);
      assert.ok(linked.includes(digits(1, 16)), JSON.stringify(spans));
    } finally {
      for (const stage of stages) await stage.close(0);
      await log.close();
      await store.close();
      one.remove();
      other.remove();
    }
  });
});
