// A platform that shares a topic in Avro: functions see JSON, callers are told what does not match,
// and a registry that is away costs nothing but time.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import type { DeadLetterDetail, DeadLetterSummary } from '../../../admin/commands/dead-letter-view.ts';
import type { Page } from '../../../admin/page.ts';
import type { TopicEventPage } from '../../../admin/topic-view.ts';
import { type Platform, startPlatform } from '../../../server/platform.ts';
import { removeTempFolders, tempFolder } from '../../cli/temp-folder.ts';
import { newName } from '../../contract/event-log/subject.ts';
import { eventually } from '../../eventually.ts';
import { kafka } from '../../services/kafka.ts';
import { startProxy } from '../../services/proxy.ts';
import { registerSchema, registry, startRegistry } from '../../services/registry.ts';
import { findService } from '../../services/service.ts';

const app = (topic: string, url: string) => `apiVersion: tenfold.dev/v1alpha1
kind: Topic
metadata: { name: payments }
spec:
  external: true
  kafka: { topic: ${topic} }
  encoding: { format: avro, registry: { url: "${url}", subject: ${topic}-of-others } }
---
apiVersion: tenfold.dev/v1alpha1
kind: Topic
metadata: { name: plain }
spec: {}
---
apiVersion: tenfold.dev/v1alpha1
kind: Function
metadata: { name: wall }
spec: { source: ./wall.ts, permissions: { write: [./wall.txt] } }
---
apiVersion: tenfold.dev/v1alpha1
kind: Subscription
metadata: { name: wall }
spec: { topic: payments, from: earliest, filter: "\${event.data.cents > 1}", to: { function: wall } }
---
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: shop }
spec:
  routes:
    - { match: { method: POST, path: /payments }, to: { topic: payments } }
    - { match: { method: POST, path: /plain }, to: { topic: plain } }
`;
const WALL = `import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { event } from 'tenfold';
export default event<{ cents: number }>(({ data }) => {
  appendFileSync(join(import.meta.dirname, 'wall.txt'), JSON.stringify(data) + '\\n');
});
`;
const SCHEMA = JSON.stringify({ type: 'record', name: 'Payment', fields: [{ name: 'cents', type: 'long' }] });
/** A payment of so many cents, below 64, by a schema. */
const avro = (id: number, cents: number) => Buffer.from([0, 0, 0, 0, id, 2 * cents]);

const service = findService(kafka);
if (service && findService(registry))
  describe('a platform that shares a topic in Avro', () => {
    let platform: Platform | undefined;
    let stop: (() => Promise<void>) | undefined;
    afterEach(async () => {
      await platform?.close(1000);
      await stop?.();
      removeTempFolders();
    });

    it('starts while the registry is away, delivers and publishes when it comes, and sets aside what it does not know', async () => {
      const topic = newName('payments');
      const client = new Kafka({ brokers: service.url().split(','), logLevel: logLevel.NOTHING });
      const admin = client.admin();
      await admin.connect();
      await admin.createTopics({ waitForLeaders: true, topics: [{ topic, numPartitions: 1, replicationFactor: 1 }] });
      await admin.disconnect();
      const producer = client.producer();
      await producer.connect();
      await producer.send({ topic, messages: [1, 5, 7].map(cents => ({ key: 'k', value: avro(1, cents) })) });

      // The registry answers only once it has the schema: what asks earlier sets its events aside.
      const proxy = await startProxy(0);
      proxy.refuse(true);
      stop = () => proxy.close();
      const folder = tempFolder({
        'app.yaml': app(topic, `http://127.0.0.1:${proxy.port}/apis/ccompat/v7`),
        'wall.ts': WALL,
      });
      const kafkaLog = {
        brokers: service.url().split(','),
        topicPrefix: `${newName('shop')}.`,
        clientId: 'shop',
        compression: 'none' as const,
      };
      const refused: string[] = [];
      platform = await startPlatform({
        directory: folder,
        watch: false,
        host: '127.0.0.1',
        ports: { public: 0, internal: 0, admin: 0 },
        services: { log: { kafka: kafkaLog } },
        events: { refused: problems => refused.push(...problems.map(({ message }) => message)) },
      });
      assert.deepEqual(refused, []);
      const { addresses, adminToken } = platform;
      const post = (path: string, data: unknown) =>
        fetch(`${addresses.public}${path}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(data),
        });
      const ask = async <T>(path: string): Promise<T> => {
        const answer = await fetch(`${addresses.admin}/api${path}`, {
          headers: { authorization: `Bearer ${adminToken}` },
        });
        assert.equal(answer.status, 200, path);
        return (await answer.json()) as T;
      };
      const away = await post('/payments', { cents: 9 });
      assert.equal(away.status, 503);
      assert.ok(away.headers.has('retry-after'));
      assert.equal((await post('/plain', { cents: 9 })).status, 204, 'other topics need none');

      const own = await startRegistry();
      stop = async () => {
        await proxy.close();
        await own.stop();
      };
      assert.equal(await registerSchema(own.url, `${topic}-of-others`, { schema: SCHEMA }), 1);
      proxy.lead(Number(new URL(own.url).port));
      proxy.refuse(false);
      const wall = () => {
        try {
          return readFileSync(join(folder, 'wall.txt'), 'utf8').trim().split('\n');
        } catch {
          return [];
        }
      };
      await eventually(() => wall().length >= 2, 'what was there is delivered');
      await eventually(async () => (await post('/payments', { cents: 9 })).status === 204, 'it is published');
      const wrong = await post('/payments', { cents: 'x' });
      assert.equal(wrong.status, 400);
      assert.match(await wrong.text(), /at \/cents it must be an integer/);

      await producer.send({ topic, messages: [{ key: 'k', value: avro(99, 3) }] });
      await producer.send({ topic, messages: [{ key: 'k', value: avro(1, 11) }] });
      await producer.disconnect();
      await eventually(() => wall().some(line => line.includes('11')), 'what comes after it is delivered');
      assert.deepEqual(wall(), ['{"cents":5}', '{"cents":7}', '{"cents":9}', '{"cents":11}']);
      const list = '/dead-letters?kind=Subscription&namespace=default&name=wall';
      await eventually(async () => (await ask<Page<DeadLetterSummary>>(list)).items.length > 0, 'it is set aside');
      const [letter] = (await ask<Page<DeadLetterSummary>>(list)).items;
      assert.match(letter?.error ?? '', /schema 99 of its data is not in the schema registry/);
      const detail = await ask<DeadLetterDetail>(
        `/dead-letters/Subscription/default/wall/${encodeURIComponent(letter?.id ?? '')}`,
      );
      assert.deepEqual(detail.data, { text: avro(99, 3).toString() });
      const { items } = await ask<TopicEventPage>('/topics/default/payments/events');
      assert.deepEqual(
        items.map(({ data }) => data),
        [{ cents: 1 }, { cents: 5 }, { cents: 7 }, { cents: 9 }, undefined, { cents: 11 }],
      );
      assert.match(items[4]?.unreadable ?? '', /schema 99 of its data is not in the schema registry/);
    });
  });
