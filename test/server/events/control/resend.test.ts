// Sending an event of a Topic again, at a whole platform by its admin API: what goes, what is
// refused, what its story says, and what the audit log has.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { AuditEntry } from '../../../../admin/audit-view.ts';
import type { ResendPlan, ResentEvent } from '../../../../admin/commands/resend-view.ts';
import type { Page } from '../../../../admin/page.ts';
import type { EventStory } from '../../../../admin/story-view.ts';
import type { TopicEventPage } from '../../../../admin/topic-view.ts';
import { type Platform, startPlatform } from '../../../../server/platform.ts';
import { removeTempFolders, tempFolder } from '../../../cli/temp-folder.ts';
import { eventually } from '../../../eventually.ts';
import { AT, EVENTS, sendingToOne } from './resend-to-one.ts';

const APP = `apiVersion: tenfold.dev/v1alpha1
kind: Topic
metadata: { name: orders }
spec:
  partitions: 1
  key: "\${event.data.table}"
  schema: { type: object, required: [table, cups], properties: { cups: { type: integer, maximum: 9 } } }
---
apiVersion: tenfold.dev/v1alpha1
kind: View
metadata: { name: cups }
spec: { from: [orders], aggregate: { by: "\${event.data.table}", values: { orders: count() } } }
---
apiVersion: tenfold.dev/v1alpha1
kind: Pipeline
metadata: { name: busy }
spec:
  from: { topic: orders }
  steps: [{ window: { tumbling: 10m, by: "\${event.data.table}", aggregate: { orders: count() } } }]
  to: [{ topic: minutes }]
---
apiVersion: tenfold.dev/v1alpha1
kind: Pipeline
metadata: { name: plain }
spec: { from: { topic: orders }, steps: [{ filter: "\${event.data.cups > 0}" }], to: [{ topic: plain }] }
---
apiVersion: tenfold.dev/v1alpha1
kind: Topic
metadata: { name: plain }
spec: { partitions: 1 }
---
apiVersion: tenfold.dev/v1alpha1
kind: Topic
metadata: { name: minutes }
spec: { partitions: 1 }
---
apiVersion: tenfold.dev/v1alpha1
kind: Subscription
metadata: { name: copy }
spec: { topic: orders, to: { topic: copies }, filter: "\${event.data.cups < 9}" }
---
apiVersion: tenfold.dev/v1alpha1
kind: Topic
metadata: { name: copies }
spec: { partitions: 1 }
---
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: shop }
spec: { routes: [{ match: { method: POST, path: /orders }, to: { topic: orders } }] }
`;
const VIEWER = 'the-token-of-a-viewer';
const TOKENS = `tokens: [{ name: ada, role: viewer, sha256: ${createHash('sha256').update(VIEWER).digest('hex')} }]\n`;

describe('an event that is sent again', () => {
  let platform: Platform;
  before(async () => {
    const directory = tempFolder({ 'app.yaml': APP, 'tokens.yaml': TOKENS });
    const ports = { public: 0, internal: 0, admin: 0 };
    const adminCallers = { tokens: join(directory, 'tokens.yaml') };
    platform = await startPlatform({ directory, watch: false, host: '127.0.0.1', ports, adminCallers, events: {} });
    await eventually(() => platform.view.readiness().ready, 'the platform is ready');
    await publish({ ...AT, 'ce-time': '2026-01-01T00:00:00Z', 'ce-note': 'kept' }, { table: 'a', cups: 2 });
    await publish({ ...AT, 'ce-id': '18' }, { table: 'a', cups: 3 });
  });
  after(async () => {
    await platform.close(1000);
    removeTempFolders();
  });

  const publish = async (headers: Record<string, string>, data: unknown) => {
    const answer = await fetch(`${platform.addresses.public}/orders`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify(data),
    });
    assert.equal(answer.status, 204, await answer.text());
  };
  const ask = async <T>(path: string, body?: unknown, token = platform.adminToken) => {
    const answer = await fetch(`${platform.addresses.admin}/api/${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: answer.status, body: (await answer.json()) as T };
  };
  const events = async () => (await ask<TopicEventPage>(EVENTS)).body.items;
  const FIRST = { id: '17', source: '/shop' };

  it('has a plan, which says what would go to whom and sends nothing', async () => {
    const before = (await events()).length;
    const { status, body: plan } = await ask<ResendPlan>(`${EVENTS}/0-0/resend/plan`, {});
    assert.equal(status, 200);
    const { eventId, notes, ...rest } = plan;
    assert.match(eventId, /^[0-9a-f-]{36}$/);
    assert.deepEqual(rest, {
      repeats: FIRST,
      type: 'OrderCreated',
      key: 'a',
      keyBefore: 'a',
      edited: false,
      contentType: 'application/json',
      bytes: Buffer.byteLength('{"table":"a","cups":2}'),
      consumers: [
        { kind: 'Subscription', namespace: 'default', name: 'copy' },
        { kind: 'View', namespace: 'default', name: 'cups' },
        { kind: 'Pipeline', namespace: 'default', name: 'busy' },
        { kind: 'Pipeline', namespace: 'default', name: 'plain' },
      ],
    });
    assert.match(notes.join(), /Its time stays 2026-01-01T00:00:00Z/);
    assert.equal((await events()).length, before);
  });

  it('goes as it was, behind the others, as a new event that says what it repeats', async () => {
    const { status, body: sent } = await ask<ResentEvent>(`${EVENTS}/0-0/resend`, {});
    assert.equal(status, 201);
    const all = await events();
    const { id, type, source, time, key, data, attributes } = all.at(-1) ?? assert.fail('there are none');
    assert.deepEqual([all.at(-1)?.partition, all.at(-1)?.offset, id], [sent.partition, sent.offset, sent.eventId]);
    assert.notEqual(id, '17');
    assert.deepEqual(
      [type, source, time, key, data],
      ['OrderCreated', '/shop', '2026-01-01T00:00:00Z', 'a', { table: 'a', cups: 2 }],
    );
    assert.deepEqual(attributes, {
      note: 'kept',
      tenfoldrepeatsid: '17',
      tenfoldrepeatssource: '/shop',
      tenfoldrepeatsat: 'orders@0:0',
    });
    const { body: story } = await ask<EventStory>(`${EVENTS}/${sent.partition}-${sent.offset}/story`);
    assert.deepEqual(story.repeats, { eventId: '17', source: '/shop', at: { topic: 'orders', place: '0-0' } });
    assert.deepEqual(story.cameFrom, []);
    const first = await ask<EventStory>(`${EVENTS}/0-0/story`);
    assert.equal(first.body.repeats, undefined);
  });

  it('goes with other data under the id of its plan, and has the key that they make', async () => {
    const order = { edit: { text: '{"table":"b","cups":4}' } };
    const { body: plan } = await ask<ResendPlan>(`${EVENTS}/0-0/resend/plan`, order);
    assert.deepEqual([plan.edited, plan.key, plan.keyBefore], [true, 'b', 'a']);
    assert.match(plan.notes.join(), /Its key is "b", and was "a"/);
    const { body: sent } = await ask<ResentEvent>(`${EVENTS}/0-0/resend`, { ...order, eventId: plan.eventId });
    assert.equal(sent.eventId, plan.eventId);
    const last = (await events()).at(-1);
    assert.deepEqual([last?.id, last?.key, last?.data], [plan.eventId, 'b', { table: 'b', cups: 4 }]);
  });

  sendingToOne({ ask, publish });

  for (const [title, place, body, status, words] of [
    [
      'data that do not match the schema',
      '0-0',
      { edit: { text: '{"table":"a","cups":99}' } },
      400,
      /does not match its schema: at \/cups/,
    ],
    ['data that are no JSON', '0-0', { edit: { text: '{' } }, 400, /no JSON/],
    [
      'data that reach a prototype',
      '0-0',
      { edit: { text: '{"table":"a","cups":1,"__proto__":{}}' } },
      400,
      /__proto__/,
    ],
    ['an event that is not there', '0-999', {}, 404, /no event 0-999/],
    ['a place that is none', 'x', {}, 400, /PARTITION-OFFSET/],
    [
      'a consumer that does not read the Topic',
      '0-0',
      { consumer: { kind: 'Subscription', name: 'no' } },
      404,
      /These do: Subscription copy, View cups, Pipeline busy, Pipeline plain\./,
    ],
    ['a consumer of no kind', '0-0', { consumer: { kind: 'Table', name: 'no' } }, 400, /not by Table/],
    ['an id of somebody’s choice', '0-0', { eventId: '17' }, 400, /"eventId" of a plan/],
  ] as const)
    it(`is refused with ${title}, planned or sent`, async () => {
      const before = (await events()).length;
      for (const path of [`${EVENTS}/${place}/resend/plan`, `${EVENTS}/${place}/resend`]) {
        const answer = await ask<{ detail: string }>(path, body);
        assert.equal(answer.status, status, answer.body.detail);
        assert.match(answer.body.detail, words);
      }
      assert.equal((await events()).length, before);
    });

  it('goes as it was only with data of its own, or data that are not the platform’s to delete', async () => {
    const at = async (id: string, dataref: string) => {
      await publish({ ...AT, 'ce-id': id, 'ce-dataref': dataref }, { table: 'a', cups: 1 });
      const { partition, offset } = (await events()).at(-1) ?? assert.fail('there are none');
      return `${EVENTS}/${partition}-${offset}/resend`;
    };
    const own = await at('own', '/topics/orders/data/1');
    const refused = await ask<{ detail: string }>(own, {});
    assert.equal(refused.status, 409);
    assert.match(refused.body.detail, /with data of its own/);
    const edit = { text: '{"table":"a","cups":1}' };
    assert.equal((await ask(own, { edit })).status, 201);
    assert.equal((await events()).at(-1)?.attributes?.['dataref'], undefined);
    assert.equal((await ask(await at('foreign', 'https://example.com/1'), {})).status, 201);
  });

  it('needs an operator, and the audit log says who sent what without the data', async () => {
    for (const path of [`${EVENTS}/0-1/resend/plan`, `${EVENTS}/0-1/resend`]) {
      const { status, body } = await ask<{ detail: string }>(path, {}, VIEWER);
      assert.equal(status, 403);
      assert.match(body.detail, /the role operator/);
    }
    await ask(`${EVENTS}/0-1/resend`, { edit: { text: '{"table":"secret","cups":1}' } });
    const entries = async () => (await ask<Page<AuditEntry>>('audit?namespace=default')).body.items;
    const of = (all: readonly AuditEntry[]) =>
      all.filter(({ action, outcome }) => action === `POST /api/${EVENTS}/0-1/resend` && outcome === 'done');
    await eventually(async () => of(await entries()).length === 1, 'it is in the audit log');
    const [entry] = of(await entries());
    assert.equal(entry?.by, 'admin token');
    assert.deepEqual(entry.asked, { edit: { text: '27 bytes' } });
    assert.ok(!(await entries()).some(({ action }) => action.endsWith('/resend/plan')), 'a plan is no deed');
  });
});
