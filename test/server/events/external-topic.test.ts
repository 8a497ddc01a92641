// A platform over Kafka that shares a topic with other programs: it subscribes to it and publishes
// to it, sets aside what cannot be read, and leaves it alone.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Kafka, logLevel, type Message } from 'kafkajs';
import type { PlatformInfo } from '../../../admin/api.ts';
import type { DeadLetterDetail, DeadLetterSummary } from '../../../admin/commands/dead-letter-view.ts';
import type { Page } from '../../../admin/page.ts';
import type { TopicEventPage } from '../../../admin/topic-view.ts';
import { type Platform, startPlatform } from '../../../server/platform.ts';
import { removeTempFolders, tempFolder } from '../../cli/temp-folder.ts';
import { newName } from '../../contract/event-log/subject.ts';
import { eventually } from '../../eventually.ts';
import { kafka } from '../../services/kafka.ts';
import { findService } from '../../services/service.ts';

const app = (topic: string, external: boolean) => `apiVersion: tenfold.dev/v1alpha1
kind: Topic
metadata: { name: payments }
spec: { external: ${external}, deletionPolicy: Delete, key: "\${event.data.id}", kafka: { topic: ${topic}, contentMode: structured } }
---
apiVersion: tenfold.dev/v1alpha1
kind: Function
metadata: { name: wall }
spec: { source: ./wall.ts, permissions: { write: [./wall.txt] } }
---
apiVersion: tenfold.dev/v1alpha1
kind: Subscription
metadata: { name: wall }
spec: { topic: payments, from: earliest, filter: "\${event.type != 'ignored'}", to: { function: wall } }
---
apiVersion: tenfold.dev/v1alpha1
kind: View
metadata: { name: payments }
spec: { from: [payments], table: { key: "\${string(event.data.id)}", value: { amount: "\${event.data.amount}" } } }
---
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: shop }
spec:
  routes:
    - { match: { method: POST, path: /payments }, to: { topic: payments } }
    - { match: { method: GET, path: /payments }, to: { view: payments } }
`;
const WALL = `import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { event } from 'tenfold';
export default event<{ id: string }>(({ data, type, source, id }) => {
  appendFileSync(join(import.meta.dirname, 'wall.txt'), [type, source, id, JSON.stringify(data ?? null)].join(' ') + '\\n');
});
`;

const service = findService(kafka);
if (service)
  describe('a platform that shares a topic of Kafka with others', () => {
    let platform: Platform;
    let folder: string;
    let topic: string;
    const prefix = `${newName('shop')}.`;
    const client = () => new Kafka({ brokers: service.url().split(','), logLevel: logLevel.NOTHING });

    beforeEach(async () => {
      topic = newName('payments');
      const admin = client().admin();
      await admin.connect();
      await admin.createTopics({ waitForLeaders: true, topics: [{ topic, numPartitions: 2, replicationFactor: 1 }] });
      await admin.disconnect();
      folder = tempFolder({ 'app.yaml': app(topic, true), 'wall.ts': WALL });
      const kafkaLog = {
        brokers: service.url().split(','),
        topicPrefix: prefix,
        clientId: 'shop',
        compression: 'none' as const,
      };
      platform = await startPlatform({
        directory: folder,
        watch: true,
        host: '127.0.0.1',
        ports: { public: 0, internal: 0, admin: 0 },
        services: { log: { kafka: kafkaLog } },
        events: {},
      });
    });
    afterEach(async () => {
      await platform?.close(1000);
      removeTempFolders();
    });

    const send = async (messages: Message[]) => {
      const producer = client().producer();
      await producer.connect();
      await producer.send({ topic, messages });
      await producer.disconnect();
    };
    const admin = async <T>(path: string): Promise<T> => {
      const headers = { authorization: `Bearer ${platform.adminToken}` };
      const answer = await fetch(`${platform.addresses.admin}/api${path}`, { headers });
      assert.equal(answer.status, 200, path);
      return (await answer.json()) as T;
    };
    const wall = () => {
      try {
        return readFileSync(join(folder, 'wall.txt'), 'utf8').trim().split('\n');
      } catch {
        return [];
      }
    };
    const names = async () => {
      const made = client().admin();
      await made.connect();
      const all = await made.listTopics();
      await made.disconnect();
      return all;
    };

    it('delivers, folds, publishes, and sets aside', async () => {
      const garbage = '{"id": "broken"';
      await send([
        { key: 'a', value: '{"id":"a","amount":5}', partition: 0 },
        { key: 'a', value: garbage, partition: 0, headers: { 'content-type': 'application/cloudevents+json' } },
        { key: 'a', value: '{"id":"a","amount":6}', partition: 0 },
        { key: 'b', value: null, partition: 0 },
      ]);
      await eventually(() => wall().length >= 3, 'what can be read arrives');
      assert.deepEqual(wall().sort(), [
        'payments /topics/payments 0-0 {"id":"a","amount":5}',
        'payments /topics/payments 0-2 {"id":"a","amount":6}',
        'payments /topics/payments 0-3 null',
      ]);
      const list = '/dead-letters?kind=Subscription&namespace=default&name=wall';
      await eventually(
        async () => (await admin<Page<DeadLetterSummary>>(list)).items.length > 0,
        'the other is set aside',
      );
      const [letter] = (await admin<Page<DeadLetterSummary>>(list)).items;
      assert.match(letter?.error ?? '', /cannot be read: .*not valid JSON/);
      const detail = await admin<DeadLetterDetail>(
        `/dead-letters/Subscription/default/wall/${encodeURIComponent(letter?.id ?? '')}`,
      );
      assert.deepEqual(detail.data, { text: garbage });
      const events = '/topics/default/payments/events';
      const { items } = await admin<TopicEventPage>(events);
      assert.deepEqual(
        items.map(({ id, type, source, data, text, unreadable }) => [id, type, source, data ?? text, unreadable]),
        [
          ['0-0', 'payments', '/topics/payments', { id: 'a', amount: 5 }, undefined],
          [undefined, undefined, undefined, garbage, items[1]?.unreadable],
          ['0-2', 'payments', '/topics/payments', { id: 'a', amount: 6 }, undefined],
          ['0-3', 'payments', '/topics/payments', undefined, undefined],
        ],
      );
      assert.match(items[1]?.unreadable ?? '', /cannot be read: .*not valid JSON/);
      assert.deepEqual(items[3]?.attributes, { partitionkey: 'b', tenfoldtombstone: 'true' });
      const filtered = await admin<TopicEventPage>(`${events}?filter=${encodeURIComponent('event.data.amount > 5')}`);
      assert.deepEqual([filtered.items.map(({ id }) => id), filtered.undecided?.count], [['0-2'], 2]);

      const address = platform.addresses.public;
      const body = JSON.stringify({ id: 'c', amount: 7 });
      const headers = { 'content-type': 'application/json' };
      assert.equal((await fetch(`${address}/payments`, { method: 'POST', body, headers })).status, 204);
      await eventually(() => wall().some(line => line.includes('"c"')), 'what was published arrives');
      const amount = async (key: string) => {
        const answer = await fetch(`${address}/payments?key=${key}`);
        return answer.status === 200 ? ((await answer.json()) as { value?: { amount?: number } }) : undefined;
      };
      await eventually(
        async () => JSON.stringify(await amount('a'))?.includes('6') && (await amount('c')) !== undefined,
        'it is folded',
      );

      const consumer = client().consumer({ groupId: newName('reader') });
      await consumer.connect();
      await consumer.subscribe({ topic, fromBeginning: true });
      const written: unknown[] = [];
      await consumer.run({
        eachMessage: async ({ message: { headers: fields, value, key } }) => {
          if (String(fields?.['content-type']) !== 'application/cloudevents+json; charset=utf-8') return;
          const { data, specversion } = JSON.parse(String(value));
          written.push({ key: String(key), data, specversion });
        },
      });
      await eventually(() => written.length > 0, 'others read it');
      await consumer.disconnect();
      assert.deepEqual(written, [{ key: 'c', data: { id: 'c', amount: 7 }, specversion: '1.0' }]);
      const parkingLog = 'subscription.default.wall.parked';
      const all = await names();
      assert.deepEqual([all.includes(prefix + parkingLog), all.includes(parkingLog)], [true, false]);
    });

    it('does not delete what became of others, nor what they have, when its resource goes', async () => {
      const accepted = async (text: string) => {
        const generation = async () => (await admin<PlatformInfo>('/info')).generation;
        const before = await generation();
        writeFileSync(join(folder, 'app.yaml'), text);
        await eventually(async () => (await generation()) !== before, 'it is in force');
      };
      await accepted(app(topic, false));
      await accepted(app(topic, true));
      await accepted('apiVersion: tenfold.dev/v1alpha1\nkind: Topic\nmetadata: { name: own }\nspec: {}\n');
      await eventually(async () => (await names()).includes(`${prefix}default.own`), 'the plan is carried out');
      assert.ok((await names()).includes(topic));
    });
  });
