// Which spans are exported, and when that is decided.
import assert from 'node:assert/strict';
import { formatTraceparent, parseTraceparent, startSpan } from '../../../core/trace-context.ts';
import { sendWithin } from '../../../core/tracing/send-span.ts';
import { createFakeWorld } from '../../fakes/fake-world.ts';
import { recordSpans } from './record-spans.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';
const parent = (flags: string) => parseTraceparent(`00-${TRACE}-${SPAN}-${flags}`);
const none = { ratio: 0, parentBased: true };

describe('spans', () => {
  it('are exported together, once the last of them has ended', () => {
    const { tracer, spans } = recordSpans();
    const root = tracer.begin(undefined, 'server', 'GET /x');
    const child = startSpan(root, 'client', 'GET');
    root.finish();
    assert.equal(spans.length, 0);
    child?.finish();
    assert.deepEqual(
      spans.map(({ name, traceId, parentSpanId }) => [name, traceId === root.traceId, parentSpanId]),
      [
        ['GET /x', true, undefined],
        ['GET', true, root.spanId],
      ],
    );
  });

  it('have the times of both clocks', async () => {
    const world = createFakeWorld(5000);
    const { tracer, spans } = recordSpans({ world });
    const root = tracer.begin(undefined, 'server', 'x');
    await world.pass(30);
    root.finish();
    assert.deepEqual([spans[0]?.start, spans[0]?.end], [5000, 5030]);
  });

  it('end once', () => {
    const { tracer, spans } = recordSpans();
    const root = tracer.begin(undefined, 'server', 'x');
    root.finish();
    root.finish();
    assert.equal(spans.length, 1);
  });

  it('say to those they call whether the trace is exported', () => {
    const { tracer } = recordSpans({ sampling: none });
    const root = tracer.begin(undefined, 'server', 'x');
    assert.match(formatTraceparent(root), /-00$/);
    root.part.keep('parked');
    assert.match(formatTraceparent(root), /-01$/);
  });
});

describe('a span that cannot be described', () => {
  it('is forgotten, and its end throws nothing', () => {
    const { tracer, spans } = recordSpans({ sampling: none });
    const root = tracer.begin(parent('00'), 'server', 'x');
    root.part.waitForOthers();
    startSpan(root, 'client', 'y')?.finish();
    root.finish({
      describe() {
        throw new TypeError('no header');
      },
    });
    tracer.keep(TRACE, 'asked');
    assert.deepEqual([spans.map(({ name }) => name), tracer.counts.forgotten], [['y'], 1]);
  });
});

describe('a publication that fails', () => {
  const thrown: readonly [name: string, error: unknown, type: string, message: string | undefined][] = [
    ['a DOMException, whose code is a number', new DOMException('gone', 'AbortError'), 'internal', 'gone'],
    ['an error with a code', Object.assign(new Error('full'), { code: 'ENOSPC' }), 'ENOSPC', 'full'],
    ['nothing', undefined, 'internal', undefined],
    ['null', null, 'internal', undefined],
    ['a text', 'no', 'internal', undefined],
  ];
  for (const [name, error, type, message] of thrown) {
    it(`has a span that says so where ${name} is thrown`, async () => {
      const { tracer, spans } = recordSpans();
      const root = tracer.begin(undefined, 'server', 'x');
      const caught = await sendWithin(root, { topic: 't' }, () => Promise.reject(error)).then(
        () => assert.fail('it resolves'),
        reason => reason,
      );
      root.finish();
      assert.equal(caught, error);
      assert.deepEqual([spans[0]?.attributes['error.type'], spans[0]?.message], [type, message]);
    });
  }
});

describe('a trace that nobody sampled', () => {
  it('is exported whole when one of its spans fails, and others are told', () => {
    const { tracer, spans, told } = recordSpans({ sampling: none });
    const root = tracer.begin(undefined, 'server', 'x');
    startSpan(root, 'internal', 'good')?.finish();
    startSpan(root, 'client', 'bad')?.fail('500').finish();
    root.finish();
    assert.deepEqual([spans.map(({ name }) => name), told], [['good', 'bad', 'x'], [root.traceId]]);
    assert.equal(tracer.counts.kept, 1);
  });

  it('is exported when one of its spans is slow', async () => {
    const world = createFakeWorld();
    const { tracer, spans } = recordSpans({ sampling: none, world, slowMs: 100 });
    const quick = tracer.begin(undefined, 'server', 'quick');
    await world.pass(99);
    quick.finish();
    const slow = tracer.begin(undefined, 'server', 'slow');
    await world.pass(100);
    slow.finish();
    assert.deepEqual(
      spans.map(({ name }) => name),
      ['slow'],
    );
  });

  it('is not exported for what any caller can cause', () => {
    const { tracer, spans } = recordSpans({ sampling: none });
    tracer.begin(undefined, 'client', 'x').fail('404', undefined, false).finish();
    assert.equal(spans.length, 0);
  });

  it('waits where others may find out that it matters', () => {
    const { tracer, spans, told } = recordSpans({ sampling: none });
    const begin = (name: string, waits: boolean) => {
      const root = tracer.begin(parent('00'), 'server', name);
      if (waits) root.part.waitForOthers();
      return root;
    };
    begin('waits', true).finish();
    begin('does not', false).finish();
    begin('waits, too', true).finish();
    assert.equal(spans.length, 0);
    tracer.keep(TRACE, 'asked');
    begin('later', false).finish();
    assert.deepEqual(
      spans.map(({ name }) => name),
      ['waits', 'waits, too', 'later'],
    );
    assert.deepEqual(told, [], 'who was told does not tell');
  });

  it('is exported once, however often it is asked for', () => {
    const { tracer, spans } = recordSpans({ sampling: none });
    const root = tracer.begin(parent('00'), 'server', 'x');
    root.part.waitForOthers();
    root.finish();
    tracer.keep(TRACE, 'asked');
    tracer.keep(TRACE, 'parked');
    assert.equal(spans.length, 1);
  });

  it('is told again with a later failure, as others may not have heard, but not too often', async () => {
    const world = createFakeWorld();
    const { tracer, spans, told } = recordSpans({ sampling: none, world });
    const attempt = () => tracer.begin(parent('00'), 'consumer', 'process').fail('500').finish();
    attempt();
    attempt();
    assert.deepEqual(told, [TRACE]);
    await world.pass(1000);
    tracer.begin(parent('00'), 'consumer', 'process').finish();
    assert.equal(told.length, 1, 'nothing failed');
    attempt();
    attempt();
    assert.deepEqual([told, spans.length], [[TRACE, TRACE], 5]);
    assert.equal(tracer.counts.kept, 1);
  });

  it('is told by others that were told, with a later failure', async () => {
    const world = createFakeWorld();
    const { tracer, told } = recordSpans({ sampling: none, world });
    tracer.keep(TRACE, 'asked');
    tracer.begin(parent('00'), 'consumer', 'process').fail('500').finish();
    assert.deepEqual(told, [], 'all have just been told');
    await world.pass(1000);
    tracer.begin(parent('00'), 'client', 'dead-letter').part.keep('parked');
    assert.deepEqual(told, [TRACE]);
  });

  it('is kept for as long as it goes on failing', async () => {
    const world = createFakeWorld();
    const { tracer, spans } = recordSpans({ sampling: none, world, waitMs: 1000 });
    for (let attempt = 0; attempt < 3; attempt++) {
      tracer.begin(parent('00'), 'consumer', 'process').fail('500').finish();
      await world.pass(1500);
    }
    tracer.begin(parent('00'), 'consumer', 'process').finish();
    assert.equal(spans.length, 4);
    assert.equal(tracer.counts.kept, 1);
  });

  it('is never told where its caller sampled it', async () => {
    const world = createFakeWorld();
    const { tracer, told } = recordSpans({ sampling: none, world });
    for (let attempt = 0; attempt < 3; attempt++) {
      tracer.begin(parent('01'), 'consumer', 'process').fail('500').finish();
      await world.pass(1000);
    }
    assert.deepEqual(told, []);
  });

  it('waits no longer than it was said', async () => {
    const world = createFakeWorld();
    const { tracer, spans } = recordSpans({ sampling: none, world, waitMs: 1000 });
    const wait = () => {
      const root = tracer.begin(parent('00'), 'server', 'x');
      root.part.waitForOthers();
      root.finish();
    };
    wait();
    await world.pass(1001);
    wait();
    tracer.keep(TRACE, 'asked');
    assert.deepEqual([spans.length, tracer.counts.forgotten], [1, 0]);
  });

  it('is forgotten where too many wait, the oldest first, and counted', () => {
    const { tracer, spans } = recordSpans({ sampling: none, maxWaiting: 10 });
    const roots = Array.from({ length: 15 }, (_, index) => {
      const root = tracer.begin(undefined, 'server', String(index));
      root.part.waitForOthers();
      root.finish();
      return root;
    });
    assert.equal(tracer.counts.forgotten, 5);
    for (const root of roots) tracer.keep(root.traceId, 'asked');
    assert.deepEqual(
      spans.map(({ name }) => name),
      ['5', '6', '7', '8', '9', '10', '11', '12', '13', '14'],
    );
  });

  it('holds no memory for traces that are over', () => {
    const { tracer } = recordSpans({ sampling: none, maxWaiting: 10 });
    for (let index = 0; index < 10_000; index++) {
      const root = tracer.begin(undefined, 'server', 'x');
      root.part.waitForOthers();
      root.finish();
      if (index % 3 === 0) tracer.keep(root.traceId, 'asked');
    }
    // Each third is taken at once, the last one too: it made room for itself, and nine are left.
    assert.equal(tracer.counts.forgotten, 10_000 - 3334 - 9);
  });
});
