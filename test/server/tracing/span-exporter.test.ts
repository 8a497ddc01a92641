// Spans on their way to a collector that is there, away, or hangs.
import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import type { Span } from '../../../core/tracing/span.ts';
import { realWorld } from '../../../core/world.ts';
import { ByteWriter } from '../../../server/tracing/byte-writer.ts';
import type { MetricRecord } from '../../../server/tracing/messages.ts';
import { writeSpan } from '../../../server/tracing/span-encoder.ts';
import { startSpanExporter } from '../../../server/tracing/span-exporter.ts';
import { senderThread } from '../../../server/tracing/start-tracing.ts';
import { recordSpans } from '../../core/tracing/record-spans.ts';
import { eventually } from '../../eventually.ts';
import { startUpstream } from '../../fakes/echo-upstream.ts';

function someSpans(count: number) {
  const spans: Span[] = [];
  const { tracer } = recordSpans({ exported: exported => spans.push(...exported) });
  for (let index = 0; index < count; index++) tracer.begin(undefined, 'server', `name-${index}`).finish();
  return spans;
}

async function run(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
  timeoutMs = 5000,
  thread = senderThread(),
) {
  const collector = await startUpstream(answer);
  const losses: [number, string][] = [];
  const exporter = startSpanExporter({
    world: realWorld,
    thread,
    data: {
      url: `${collector.origin}/v1/traces`,
      headers: { 'x-key': 'k' },
      timeoutMs,
      resource: { 'service.name': 'test' },
      version: '1',
    },
    lost: (count, reason) => losses.push([count, reason]),
    refused: reason => losses.push([0, reason]),
  });
  return { exporter, losses, close: () => collector.close() };
}

describe('the exporter of spans', () => {
  it('sends them as protobuf, all before it has closed', async () => {
    const bodies: Buffer[] = [];
    const it = await run(async (request, response) => {
      assert.equal(request.headers['content-type'], 'application/x-protobuf');
      assert.equal(request.headers['x-key'], 'k');
      bodies.push(await buffer(request));
      response.end();
    });
    it.exporter.export(someSpans(1000));
    it.exporter.export(someSpans(3));
    await it.exporter.close(10_000);
    assert.deepEqual(it.exporter.counts, { sent: 1003, lost: 0 });
    const text = Buffer.concat(bodies).toString('latin1');
    for (const name of ['name-0', 'name-999', 'service.name']) assert.ok(text.includes(name), name);
    await it.close();
  });

  it('starts its thread without the package that encodes metrics', async () => {
    const code = `import { registerHooks } from 'node:module';
      registerHooks({
        resolve(specifier, context, next) {
          if (specifier.startsWith('@opentelemetry/')) throw new Error('loaded: ' + specifier);
          return next(specifier, context);
        },
      });
      await import(${JSON.stringify(senderThread().href)});`;
    const thread = new URL(`data:text/javascript,${encodeURIComponent(code)}`);
    const drop = (request: IncomingMessage, response: ServerResponse) =>
      void request.resume().on('end', () => response.end());
    const it = await run(drop, 5000, thread);
    it.exporter.export(someSpans(3));
    await it.exporter.close(10_000);
    assert.deepEqual([it.exporter.counts, it.losses], [{ sent: 3, lost: 0 }, []]);
    await it.close();
  });

  it('sends spans that have waited as bytes, and loses them while the collector hangs', async () => {
    const bodies: Buffer[] = [];
    const it = await run(async (request, response) => {
      bodies.push(await buffer(request));
      response.end();
    });
    const [span] = someSpans(1);
    assert.ok(span);
    const to = new ByteWriter();
    writeSpan(to, span);
    for (let index = 0; index < 20_001; index++) it.exporter.exportEncoded(span.service, to.take());
    assert.equal(it.exporter.counts.lost, 1);
    await it.exporter.close(10_000);
    assert.deepEqual(it.exporter.counts, { sent: 20_000, lost: 1 });
    assert.equal(Buffer.concat(bodies).toString('latin1').split('name-0').length, 20_001);
    await it.close();
  });

  it('tries again where the collector asks for it', async () => {
    let calls = 0;
    const it = await run((request, response) => {
      request.resume();
      response.statusCode = calls++ === 0 ? 503 : 200;
      response.end();
    });
    it.exporter.export(someSpans(2));
    await it.exporter.close(10_000);
    assert.deepEqual([calls, it.exporter.counts], [2, { sent: 2, lost: 0 }]);
    await it.close();
  });

  it('starts its thread again when that has ended, and says what was lost with it', async () => {
    const code = `import { parentPort } from 'node:worker_threads';
      parentPort.on('message', ({ type, count }) => {
        if (type === 'end' || count === 7) process.exit(0);
        parentPort.postMessage({ of: 'spans', sent: count, lost: 0 });
      });`;
    const losses: [number, string][] = [];
    const exporter = startSpanExporter({
      world: { ...realWorld, after: (ms, run) => realWorld.after(Math.min(ms, 20), run) },
      thread: new URL(`data:text/javascript,${encodeURIComponent(code)}`),
      data: { url: 'http://127.0.0.1:9', headers: {}, timeoutMs: 1, resource: {}, version: '1' },
      lost: (count, reason) => losses.push([count, reason]),
      refused: assert.fail,
    });
    exporter.export(someSpans(7));
    await eventually(() => losses.length > 0, 'the loss is told');
    assert.deepEqual(losses, [[7, 'Their thread has ended.']]);
    await eventually(() => {
      exporter.export(someSpans(1));
      return exporter.counts.sent > 0;
    }, 'it sends again');
    await exporter.close(1000);
  });

  it('says what was lost, and why', async () => {
    const it = await run((request, response) => {
      request.resume();
      response.statusCode = 400;
      response.end('what is this');
    });
    it.exporter.export(someSpans(2));
    await it.exporter.close(10_000);
    assert.deepEqual(it.exporter.counts, { sent: 0, lost: 2 });
    assert.deepEqual(it.losses, [[2, 'The collector answered 400: what is this']]);
    await it.close();
  });

  it('loses a span that cannot be encoded, says so, and sends the others', async () => {
    const it = await run((request, response) => {
      request.resume();
      response.end();
    });
    const spans = someSpans(70);
    // A DOMException has a number as its code.
    Object.assign(spans[3] ?? {}, { errorType: 20 });
    it.exporter.export(spans);
    it.exporter.export(someSpans(2));
    await it.exporter.close(10_000);
    assert.deepEqual(it.exporter.counts, { sent: 71, lost: 1 });
    assert.equal(it.losses.length, 1);
    assert.match(it.losses[0]?.[1] ?? '', /^A span cannot be encoded: /);
    await it.close();
  });

  it('asks a span for its attributes at once, so that no request waits with it', async () => {
    const it = await run((request, response) => {
      request.resume();
      response.end();
    });
    const { tracer } = recordSpans({ exported: spans => it.exporter.export(spans) });
    let described = 0;
    tracer.begin(undefined, 'server', 'x').finish({ describe: () => described++ });
    assert.equal(described, 1);
    const fails = () => {
      throw new TypeError('no header');
    };
    tracer.begin(undefined, 'server', 'y').finish({ describe: fails });
    await it.exporter.close(10_000);
    assert.deepEqual(
      [it.exporter.counts, it.losses],
      [{ sent: 1, lost: 1 }, [[1, 'A span cannot be described: no header']]],
    );
    await it.close();
  });

  it('holds a bounded number while the collector hangs, and drops the rest', async () => {
    const it = await run(() => {}, 60_000);
    for (let index = 0; index < 50; index++) it.exporter.export(someSpans(500));
    assert.deepEqual(it.exporter.counts, { sent: 0, lost: 5000 });
    assert.match(it.losses[0]?.[1] ?? '', /20000 wait already/);
    await it.exporter.close(50);
    await it.close();
  });

  it('holds a bounded number of bytes while the collector hangs, and takes spans again later', async () => {
    const recovered = Promise.withResolvers<void>();
    const it = await run((request, response) => {
      request.resume();
      recovered.promise.then(() => response.end());
    }, 60_000);
    const text = 'x'.repeat(15_000);
    const large = (count: number) => someSpans(count).map(span => span.set('url.full', text));
    for (let index = 0; index < 20; index++) it.exporter.export(large(500));
    const { lost } = it.exporter.counts;
    // They are in buffers that double their size, so half as many may have room.
    const room = (64 * 1024 * 1024) / text.length;
    assert.ok(lost > 10_000 - 1.05 * room && lost < 10_000 - 0.45 * room, String(lost));
    assert.match(it.losses[0]?.[1] ?? '', /64 MB of them wait already/);
    recovered.resolve();
    await eventually(() => it.exporter.counts.sent === 10_000 - lost, 'what waited is sent');
    it.exporter.export(large(500));
    await it.exporter.close(60_000);
    assert.deepEqual(it.exporter.counts, { sent: 10_500 - lost, lost });
    await it.close();
  });

  it('does not wait longer than it may when it closes', async () => {
    const it = await run(() => {}, 60_000);
    it.exporter.export(someSpans(1));
    await it.exporter.close(100);
    await eventually(() => it.exporter.counts.lost === 1, 'it is counted');
    await it.close();
  });
});

describe('the exporter of spans, with metrics', () => {
  it('says that metrics cannot be read, and reads them the next time', async () => {
    const it = await run((request, response) => {
      request.resume();
      response.end();
    });
    await it.exporter.exportMetrics(() => Promise.reject(new Error('the store is closed')));
    assert.deepEqual(it.losses, [[0, 'They cannot be read: the store is closed']]);
    let reads = 0;
    await it.exporter.exportMetrics(async () => {
      reads++;
      return [];
    });
    assert.equal(reads, 1);
    await it.exporter.close(10_000);
    await it.close();
  });

  it('says that metrics cannot be handed on, and reads them the next time', async () => {
    const it = await run((request, response) => {
      request.resume();
      response.end();
    });
    const strange = { name: 'x', help: '', kind: 'gauge', points: [{ labels: {}, value: () => 1 }] };
    await it.exporter.exportMetrics(async () => [strange as unknown as MetricRecord]);
    assert.match(it.losses[0]?.[1] ?? '', /could not be cloned/);
    let reads = 0;
    await it.exporter.exportMetrics(async () => {
      reads++;
      return [];
    });
    assert.equal(reads, 1);
    await it.exporter.close(10_000);
    await it.close();
  });

  it('sends metrics again also where they were read while it had no thread', async () => {
    const code = `import { parentPort } from 'node:worker_threads';
      parentPort.on('message', ({ type }) => {
        if (type !== 'metrics') process.exit(0);
        parentPort.postMessage({ of: 'metrics', sent: 0, lost: 0, reason: 'they came' });
      });`;
    let restart = () => {};
    const losses: string[] = [];
    const refusals: string[] = [];
    const exporter = startSpanExporter({
      world: {
        ...realWorld,
        after(ms, run) {
          if (ms === 5000) restart = run;
          return ms === 5000 ? { cancel() {} } : realWorld.after(ms, run);
        },
      },
      thread: new URL(`data:text/javascript,${encodeURIComponent(code)}`),
      data: { url: 'http://127.0.0.1:9', headers: {}, timeoutMs: 1, resource: {}, version: '1' },
      lost: (_, reason) => losses.push(reason),
      refused: reason => refusals.push(reason),
    });
    await exporter.exportMetrics(async () => {
      exporter.export(someSpans(1));
      await eventually(() => losses.length > 0, 'the thread has ended');
      return [];
    });
    await exporter.exportMetrics(async () => []);
    restart();
    await exporter.exportMetrics(async () => []);
    await eventually(() => refusals.length > 0, 'the new thread answers');
    assert.deepEqual(refusals, ['they came']);
    await exporter.close(1000);
  });
});
