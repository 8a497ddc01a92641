// Each dead letter has its whole trace at 0.1% sampling, while gateways and workers are killed. A
// missing span was in a process that was killed before it could send it.
// `TENFOLD_LETTERS=10000 SEED=7` asks for more of them, and for other moments.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { Kafka, logLevel } from 'kafkajs';
import { parseTraceparent } from '../../../core/trace-context.ts';
import { root } from '../../architecture/source-files.ts';
import { removeTempFolders, tempFolder } from '../../cli/temp-folder.ts';
import { startCollector } from '../../cluster/tracing/collector.ts';
import { eventually } from '../../eventually.ts';
import { type RunningProcess, startProcess } from '../../processes/start-process.ts';
import { kafka } from '../../services/kafka.ts';
import { redis } from '../../services/redis.ts';
import { findService } from '../../services/service.ts';
import { Chance } from '../../simulation/kernel/chance.ts';
import { judge, type Life, SENT_WITHIN_MS, type SentEvent, type TracedCall, type TracedLetter } from './judge.ts';

const SEED = Number(process.env['SEED'] ?? 1);
const LETTERS = Number(process.env['TENFOLD_LETTERS'] ?? 300);
const LEAST_KILLS = 6;
/**
 * Share of the dead letters. A kill takes what one of two processes had of three seconds, and comes
 * every four seconds at the most: three of eight.
 */
const LEAST_WHOLE = 0.5;
const SHORTEST_LIFE_MS = 4000;
const LONGEST_LIFE_MS = 8000;
const MINUTE = 60_000;
const log = findService(kafka);
const store = findService(redis);

type StartLife = (role: 'gateway' | 'worker', life: string) => Promise<RunningProcess>;

class Slot {
  readonly role: 'gateway' | 'worker';
  readonly lives: Life[] = [];
  running: RunningProcess | undefined;
  readonly #name: string;
  readonly #start: StartLife;

  constructor(role: 'gateway' | 'worker', name: string, start: StartLife) {
    this.role = role;
    this.#name = name;
    this.#start = start;
  }

  get life(): Life {
    return this.lives.at(-1) ?? assert.fail(`${this.#name} was never started`);
  }

  async start(): Promise<void> {
    this.lives.push({ name: `${this.#name}.${this.lives.length}`, killedAt: undefined });
    this.running = await this.#start(this.role, this.life.name);
  }

  async kill(): Promise<void> {
    const { running, life } = this;
    this.running = undefined;
    life.killedAt = Date.now();
    await running?.end('SIGKILL');
    await this.start();
  }
}

if (log && store)
  describe(`traces of dead letters of processes that are killed (SEED=${SEED})`, function () {
    this.timeout(10 * MINUTE + LETTERS * 500);
    const chance = new Chance(SEED);
    const namespace = `letters-${process.pid}-${Date.now().toString(36)}`;
    const sent = new Map<string, SentEvent>();
    const calls = new Map<string, TracedCall[]>();
    /** By id; with the `traceparent` of the publication. */
    const letters = new Map<string, string>();
    const slots: Slot[] = [];
    let collector: Awaited<ReturnType<typeof startCollector>>;
    let functions: Server;
    let acknowledged = 0;
    let over = false;

    const start = (role: 'gateway' | 'worker', life: string) => {
      const { port } = functions.address() as AddressInfo;
      const directory = tempFolder({ 'app.yaml': applicationOf(namespace, `http://127.0.0.1:${port}/${life}`) });
      const services = { kafka: log.url(), redis: store.url(), prefix: namespace };
      const env = {
        OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: collector.url,
        OTEL_SERVICE_NAME: life,
        OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
        OTEL_TRACES_SAMPLER_ARG: '0.001',
        // Events of a killed worker wait for the next owner of their partition.
        TENFOLD_TRACING_WAIT: '2m',
        // A busy machine makes spans slow, too.
        TENFOLD_TRACING_SLOW: '1h',
        TENFOLD_FUNCTIONS_INTERNAL_URL: 'http://127.0.0.1:1',
      };
      return startProcess({ role, directory, services, env, packed: join(root, 'dist/cli/main.js') });
    };
    const lifeOf = (name: string | undefined) =>
      slots.flatMap(({ lives }) => lives).find(life => life.name === name) ?? assert.fail(`nobody is ${name}`);
    const serve = async () => {
      const server = createServer(async (request, response) => {
        await text(request);
        const id = String(request.headers['ce-id']);
        const { traceId = '', spanId = '' } = parseTraceparent(String(request.headers['traceparent'])) ?? {};
        const worker = lifeOf(request.url?.split('/')[1]);
        const call = { worker, at: Date.now(), trace: traceId, span: spanId };
        calls.set(id, [...(calls.get(id) ?? []), call]);
        response.writeHead(id.startsWith('bad') ? 500 : 204).end();
      });
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      return server;
    };
    /** One event after the other, every second of which fails. */
    const load = async (client: number) => {
      for (let n = 0; !over; n++) {
        const slot = slots[n % 2] ?? assert.fail();
        const address = slot.running?.addresses.public;
        const id = `${n % 4 < 2 ? 'bad' : 'good'}-${client}-${n}`;
        if (address !== undefined) {
          sent.set(id, { gateway: slot.life, at: Date.now() });
          const event = { 'ce-id': id, 'ce-source': '/t', 'ce-type': 't', 'ce-specversion': '1.0' };
          const headers = { 'content-type': 'application/json', ...event };
          const answer = await fetch(`${address}/orders`, {
            method: 'POST',
            headers,
            body: JSON.stringify({ id }),
          }).catch(() => undefined);
          if (answer?.status === 204 && id.startsWith('bad')) acknowledged++;
        }
        await pause(60);
      }
    };
    const readLetters = async () => {
      const other = new Kafka({ brokers: log.url().split(','), logLevel: logLevel.NOTHING });
      const consumer = other.consumer({ groupId: `${namespace}-reader`, maxWaitTimeInMs: 100 });
      await consumer.connect();
      await consumer.subscribe({ topic: `${namespace}.refused`, fromBeginning: true });
      await consumer.run({
        eachMessage: async ({ message: { headers } }) => {
          letters.set(String(headers?.['ce_id']), String(headers?.['traceparent']));
        },
      });
      return consumer;
    };

    before(async () => {
      collector = await startCollector();
      functions = await serve();
      for (const name of ['gateway-1', 'gateway-2', 'worker-1', 'worker-2'])
        slots.push(new Slot(name.startsWith('gateway') ? 'gateway' : 'worker', name, start));
      await Promise.all(slots.map(slot => slot.start()));
      const ready = async () => (await Promise.all(slots.map(({ running }) => running?.isReady()))).every(Boolean);
      await eventually(ready, 'all are ready', 3 * MINUTE);
    });
    after(async () => {
      over = true;
      await Promise.all(slots.map(({ running }) => running?.end('SIGKILL')));
      functions?.closeAllConnections();
      functions?.close();
      await collector?.stop();
      removeTempFolders();
    });

    it('are whole but for what was lost with a killed process', async () => {
      const clients = [0, 1, 2, 3].map(load);
      let kills = 0;
      for (; kills < LEAST_KILLS || acknowledged < LETTERS; kills++) {
        await pause(chance.int('life', SHORTEST_LIFE_MS, LONGEST_LIFE_MS));
        await slots[chance.int('slot', 0, slots.length - 1)]?.kill();
      }
      over = true;
      await Promise.all(clients);
      const reader = await readLetters();
      await eventually(
        () => letters.size >= acknowledged,
        () => `${letters.size} of ${acknowledged} are dead letters`,
        5 * MINUTE,
      );
      await reader.disconnect();
      for (const { running } of slots) assert.equal(await running?.end('SIGTERM'), 0);
      const found = [...letters].map(([id, traceparent]): TracedLetter => {
        const { traceId: trace = '', spanId: published = '' } = parseTraceparent(traceparent) ?? {};
        const event = sent.get(id) ?? assert.fail(`nobody has sent ${id}`);
        return {
          id,
          trace,
          published,
          sent: event,
          calls: calls.get(id) ?? assert.fail(`nobody was called for ${id}`),
        };
      });
      const workers = slots.filter(({ role }) => role === 'worker').flatMap(({ lives }) => lives);
      const { whole, excused, wrong } = judge(found, collector.spans, workers);
      console.log(
        `      ${kills} kills, ${found.length} dead letters: ${whole} with whole traces, ${excused} without spans of a process that was killed less than ${SENT_WITHIN_MS} ms after`,
      );
      assert.equal(wrong.length, 0, `seed ${SEED}: ${wrong.length} lack more: ${wrong.slice(0, 10).join('; ')}`);
      assert.ok(
        found.length >= LETTERS && whole >= LEAST_WHOLE * found.length,
        `${whole} of ${found.length} are whole`,
      );
      const good = [...calls].filter(([id]) => id.startsWith('good'));
      const traced = new Set(collector.spans.map(({ traceId }) => traceId));
      const exported = good.filter(([, of]) => of.some(({ trace }) => traced.has(trace)));
      assert.ok(
        exported.length <= good.length / 10,
        `${exported.length} of ${good.length} that went well were exported`,
      );
    });
  });

function applicationOf(namespace: string, url: string): string {
  const resource = (kind: string, name: string, spec: string) =>
    `apiVersion: tenfold.dev/v1alpha1\nkind: ${kind}\nmetadata: { name: ${name}, namespace: ${namespace} }\nspec: ${spec}\n`;
  const retry = 'retry: { attempts: 3, backoff: constant, initial: 300ms, max: 300ms }';
  return [
    resource('Topic', 'orders', `{ partitions: 4, key: "\${event.data.id}", kafka: { topic: ${namespace}.orders } }`),
    resource('Topic', 'refused', `{ partitions: 1, kafka: { topic: ${namespace}.refused } }`),
    resource('Function', 'bill', `{ url: "${url}" }`),
    resource(
      'Subscription',
      'billing',
      `{ topic: orders, to: { function: bill }, from: earliest, ${retry}, deadLetter: { topic: refused } }`,
    ),
    resource('Api', 'doors', '\n  routes: [{ match: { method: POST, path: /orders }, to: { topic: orders } }]'),
  ].join('---\n');
}
