// A trace holds through Kafka: between a gateway and two workers, each a process of its own, and
// between them and programs of others, which write and read `traceparent` in headers of records.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { Kafka, logLevel } from 'kafkajs';
import { removeTempFolders, tempFolder } from '../../cli/temp-folder.ts';
import { eventually } from '../../eventually.ts';
import { type RunningProcess, startProcess } from '../../processes/start-process.ts';
import { kafka } from '../../services/kafka.ts';
import { redis } from '../../services/redis.ts';
import { findService } from '../../services/service.ts';
import { assertWhole, attributeOf, type CollectedSpan, rootsOf, startCollector } from './collector.ts';

const MINUTE = 60_000;
const log = findService(kafka);
const store = findService(redis);
const KINDS = ['', 'internal', 'server', 'client', 'producer', 'consumer'];

/** Answers to an order with a bill, and refuses what is bad. It knows the traces that it saw. */
async function startFunctions(seen: Map<string, string>): Promise<Server> {
  const server = createServer(async (request, response) => {
    const { n, bad } = (await json(request)) as { readonly n: string; readonly bad?: boolean };
    const path = request.url?.slice(0, -1);
    seen.set(`${path} ${n}`, String(request.headers['traceparent']));
    if (bad) return response.writeHead(422).end();
    if (path !== '/bill') return response.writeHead(204).end();
    const event = { 'ce-specversion': '1.0', 'ce-id': `bill-${n}`, 'ce-source': '/bill', 'ce-type': 'Billed' };
    return response.writeHead(200, { ...event, 'content-type': 'application/json' }).end(JSON.stringify({ n }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

if (log && store)
  describe('a trace through Kafka', () => {
    const running: RunningProcess[] = [];
    const seen = new Map<string, string>();
    const namespace = `traced-${process.pid}-${Date.now().toString(36)}`;
    let collector: Awaited<ReturnType<typeof startCollector>>;
    let functions: Server;
    const other = () => new Kafka({ brokers: log.url().split(','), logLevel: logLevel.NOTHING });

    before(async () => {
      collector = await startCollector();
      functions = await startFunctions(seen);
      const { port } = functions.address() as AddressInfo;
      const directory = tempFolder({ 'app.yaml': applicationOf(namespace, `http://127.0.0.1:${port}`) });
      const services = { kafka: log.url(), redis: store.url(), prefix: namespace };
      const start = async (role: 'gateway' | 'worker', name: string) => {
        const env = {
          OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: collector.url,
          OTEL_SERVICE_NAME: name,
          TENFOLD_FUNCTIONS_INTERNAL_URL: 'http://127.0.0.1:1',
          OTEL_TRACES_SAMPLER: 'parentbased_always_on',
        };
        running.push(await startProcess({ role, directory, services, env }));
      };
      await Promise.all([start('gateway', 'gateway'), start('worker', 'worker-1'), start('worker', 'worker-2')]);
      const ready = async () => (await Promise.all(running.map(each => each.isReady()))).every(Boolean);
      await eventually(ready, 'all are ready', 3 * MINUTE);
    });
    after(async () => {
      await Promise.all(running.map(each => each.end('SIGKILL')));
      functions?.close();
      await collector?.stop();
      removeTempFolders();
    });

    const traceOf = (traceparent: string | undefined) => String(traceparent).slice(3, 35);
    const spansOf = (trace: string) => collector.spans.filter(({ traceId }) => traceId === trace);
    const post = async (body: object) => {
      const { public: address = '' } = running.map(each => each.addresses).find(each => each.public !== '') ?? {};
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(`${address}/orders`, { method: 'POST', headers, body: JSON.stringify(body) });
      assert.equal(answer.status, 204);
    };
    /** `count` records of a topic as another program reads them, by the text of their headers. */
    const readAsOthers = async (topic: string, count: number) => {
      const consumer = other().consumer({ groupId: `reader-${topic}`, sessionTimeout: 6000, maxWaitTimeInMs: 100 });
      await consumer.connect();
      await consumer.subscribe({ topic: `${namespace}.${topic}`, fromBeginning: true });
      const found: Record<string, string>[] = [];
      await consumer.run({
        eachMessage: async ({ message }) => {
          const texts = Object.entries(message.headers ?? {}).map(([name, text]) => [name, String(text)]);
          found.push(Object.fromEntries(texts));
        },
      });
      await eventually(
        () => found.length >= count,
        () => `${found.length} of ${topic} are read`,
      );
      await consumer.disconnect();
      return found;
    };

    it('is one tree from the request to the last delivery, whichever process delivered', async () => {
      const done = () => [...seen.keys()].filter(call => call.startsWith('/ledger'));
      const ways = new Set<string>();
      const numbers: string[] = [];
      const wayOf = (n: string) => {
        const spans = spansOf(traceOf(seen.get(`/ledger ${n}`)));
        const by = (topic: string) => spans.find(({ name }) => name === `process ${namespace}.${topic}`)?.service;
        // A delivery that came twice, while workers still divided the partitions, has spans of its
        // own.
        const isWhole = spans.length >= 9 && rootsOf(spans).length === 1;
        return isWhole ? `${by('orders')} ${by('bills')}` : undefined;
      };
      // Partitions of both topics are spread over the workers, each in its own way.
      for (let round = 0; ways.size < 4; round++) {
        assert.ok(round < 100, `only these ways were taken: ${[...ways].join(', ')}`);
        const some = Array.from({ length: 8 }, (_, index) => `${round}-${index}`);
        numbers.push(...some);
        await Promise.all(some.map(n => post({ n })));
        await eventually(
          () => done().length >= numbers.length,
          () => `${done().length} of ${numbers.length} were delivered`,
        );
        await eventually(
          () => some.every(n => wayOf(n) !== undefined),
          () => describeSpans(spansOf(traceOf(seen.get(`/ledger ${some.find(n => wayOf(n) === undefined)}`)))),
        );
        for (const n of some) ways.add(wayOf(n) ?? '');
      }
      for (const n of numbers) {
        const spans = spansOf(traceOf(seen.get(`/ledger ${n}`)));
        assertWhole(spans);
        const parentOf = ({ parentSpanId }: CollectedSpan) => spans.find(({ spanId }) => spanId === parentSpanId);
        const way: string[] = [];
        const last = spans.find(span => span.service === 'ledger');
        for (let span = last; span !== undefined; span = parentOf(span))
          way.unshift(`${KINDS[span.kind]} ${span.name}`);
        assert.deepEqual(way, [
          'server POST /orders',
          `producer send ${namespace}.orders`,
          `consumer process ${namespace}.orders`,
          `producer send ${namespace}.bills`,
          `consumer process ${namespace}.bills`,
          'client POST',
          'server ledger',
        ]);
      }
    }).timeout(5 * MINUTE);

    it('goes on in the records that other programs read', async () => {
      await post({ n: 'bad', bad: true });
      const [bad] = await readAsOthers('refused', 1);
      assert.equal(traceOf(bad?.['traceparent']), traceOf(seen.get('/bill bad')));
      for (const topic of ['orders', 'bills']) {
        const records = await readAsOthers(topic, [...seen.keys()].filter(call => call.startsWith('/ledger')).length);
        for (const { ce_id: id, traceparent = '' } of records) {
          const [version, trace, parent, flags] = traceparent.split('-');
          assert.deepEqual([version, flags], ['00', '01'], traceparent);
          const sent = () => spansOf(trace ?? '').find(({ spanId }) => spanId === parent);
          await eventually(() => sent() !== undefined, `the span of ${traceparent} is there`);
          assert.equal(sent()?.name, `send ${namespace}.${topic}`);
          assert.equal(attributeOf(sent() ?? assert.fail(), 'messaging.message.id'), id);
        }
      }
    });

    it('is continued from records of other programs, as the agent for Java writes them', async () => {
      const ids = { sampled: '1', random: '2', unsampled: '3', repeated: '4' };
      const flags = { sampled: '01', random: '03', unsampled: '00', repeated: '01' };
      const names = ['sampled', 'random', 'unsampled', 'repeated'] as const;
      const idOf = (name: (typeof names)[number]) => ids[name].repeat(32);
      const producer = other().producer();
      await producer.connect();
      const messages = names.map(name => {
        const traceparent = `00-${idOf(name)}-${ids[name].repeat(16)}-${flags[name]}`;
        const older = `00-${'5'.repeat(32)}-${'5'.repeat(16)}-01`;
        // Of several headers the last one holds, as for clients in Java.
        const headers = { traceparent: name === 'repeated' ? [older, traceparent] : traceparent };
        return { key: name, value: JSON.stringify({ n: name }), headers };
      });
      await producer.send({ topic: `${namespace}.orders`, messages });
      await producer.disconnect();
      const processed = (name: (typeof names)[number], topic: string) =>
        spansOf(idOf(name)).filter(span => span.name === `process ${namespace}.${topic}`);
      await eventually(
        () => names.every(name => seen.has(`/ledger ${name}`)),
        () => `only ${[...seen.keys()].join(', ')} were called`,
      );
      for (const name of ['sampled', 'random', 'repeated'] as const) {
        await eventually(() => processed(name, 'bills').length > 0, `the spans of ${name} are there`);
        assert.deepEqual(
          processed(name, 'orders').map(span => span.parentSpanId),
          [ids[name].repeat(16)],
        );
        assert.equal(processed(name, 'bills').length, 1);
      }
      for (const name of names) {
        assert.equal(traceOf(seen.get(`/ledger ${name}`)), idOf(name));
        assert.equal(seen.get(`/ledger ${name}`)?.slice(-2), flags[name] === '00' ? '00' : '01');
      }
      assert.deepEqual([spansOf(idOf('unsampled')), spansOf('5'.repeat(32))], [[], []]);
    });
  });

function describeSpans(spans: readonly CollectedSpan[]): string {
  return spans.map(({ service, kind, name }) => `${service} ${KINDS[kind]} ${name}`).join(', ');
}

function applicationOf(namespace: string, url: string): string {
  const resource = (kind: string, name: string, spec: string) =>
    `apiVersion: tenfold.dev/v1alpha1\nkind: ${kind}\nmetadata: { name: ${name}, namespace: ${namespace} }\nspec: ${spec}\n`;
  const topic = (name: string, key: string) =>
    resource('Topic', name, `{ partitions: 4, key: "\${${key}}", kafka: { topic: ${namespace}.${name} } }`);
  return [
    topic('orders', 'event.data.n'),
    topic('bills', "event.data.n + '/bill'"),
    topic('refused', 'event.data.n'),
    resource('Function', 'bill', `{ url: "${url}/bill" }`),
    resource('Function', 'ledger', `{ url: "${url}/ledger" }`),
    resource(
      'Subscription',
      'billing',
      '{ topic: orders, to: { function: bill }, reply: { topic: bills }, from: earliest, deadLetter: { topic: refused } }',
    ),
    resource('Subscription', 'booking', '{ topic: bills, to: { function: ledger }, from: earliest }'),
    resource('Api', 'doors', '\n  routes: [{ match: { method: POST, path: /orders }, to: { topic: orders } }]'),
  ].join('---\n');
}
