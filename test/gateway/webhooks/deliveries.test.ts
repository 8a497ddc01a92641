// Deliveries of webhooks over HTTP: what is stored of them, once, and what nobody learns.
import assert from 'node:assert/strict';
import { fromRecord } from '../../../core/cloudevents/record.ts';
import { realWorld } from '../../../core/world.ts';
import { createFakeLog } from '../../fakes/fake-log.ts';
import { type Served, serveEndpoints } from '../accept/serve-endpoints.ts';
import { type Headers, sign } from './sign.ts';

const head = 'apiVersion: tenfold.dev/v1alpha1\nkind:';
const route = (kind: string, to: string, more = '') =>
  `    - { match: { method: POST, path: /${kind} }, to: ${to}, auth: { webhook: { kind: ${kind}, secret: hooks } }${more} }\n`;
const RESOURCES = `${head} Topic
metadata: { name: news }
spec: { deduplicate: { window: 3d } }
---
${head} Queue
metadata: { name: work }
spec: { to: { url: "http://worker" } }
---
${head} Api
metadata: { name: hooks }
spec:
  basePath: /in
  auth: { apiKey: { secret: partners }, allow: "\${consumer == 'ada'}" }
  routes:
${route('standard', '{ topic: news }')}${route('github', '{ topic: news }')}${route('stripe', '{ queue: work }')}${route('slack', '{ topic: news }', ", event: { source: urn:slack, subject: '${request.body.team_id}' }")}`;

const AT = 1_700_000_000;
const SECRET = 'whsec_c2VjcmV0';

/** To be called in `describe`: what all deliveries need. */
function withHooks() {
  const log = createFakeLog();
  let served: Served | undefined;
  before(async () => {
    const world = { ...realWorld, now: () => AT * 1000 };
    served = await serveEndpoints(RESOURCES, log, { world }, { old: 'whsec_b2xk', new: SECRET });
  });
  after(() => served?.close());
  const stored = () => log.recordsOf('default.news');
  return {
    stored,
    jobs: () => log.recordsOf('queue.default.work'),
    address: () => served?.public ?? '',
    reason: () => served?.answered.at(-1)?.reason,
    post(kind: string, body: string, headers: Headers) {
      const all = { 'content-type': 'application/json', ...headers };
      return fetch(`${served?.public}/in/${kind}`, { method: 'POST', body, headers: all });
    },
    newest() {
      const record = stored().at(-1);
      assert.ok(record);
      return { raw: Buffer.from(record.value).toString(), event: fromRecord(record) };
    },
  };
}

const signed = (body: string, more = {}) => ({ secret: SECRET, body, at: AT, ...more });

describe('deliveries of webhooks', () => {
  const { post, stored, newest, jobs } = withHooks();

  it('of Standard Webhooks become events, byte by byte, once', async () => {
    const body = '{ "type": "invoice.paid",  "timestamp":"2023-11-14T22:00:00.5Z", "data": {"sum": 1.10} }';
    const before = stored().length;
    const first = await post('standard', body, sign.standard(signed(body)));
    assert.equal(first.status, 204);
    const { raw, event } = newest();
    assert.equal(raw, body);
    assert.deepEqual(event, {
      ...{ specversion: '1.0', id: 'msg_1', type: 'invoice.paid', source: '/in/standard' },
      ...{ time: '2023-11-14T22:00:00.5Z', datacontenttype: 'application/json' },
      data: { type: 'invoice.paid', timestamp: '2023-11-14T22:00:00.5Z', data: { sum: 1.1 } },
    });
    const again = await post('standard', body, sign.standard(signed(body, { at: AT + 60 })));
    assert.equal(again.status, 204);
    const rewritten = `${body} `;
    assert.equal((await post('standard', rewritten, sign.standard(signed(rewritten)))).status, 204);
    assert.equal(stored().length, before + 1);
    assert.equal((await post('standard', body, sign.standard(signed(body, { id: 'msg_2' })))).status, 204);
    assert.equal(stored().length, before + 2);
  });

  it('that are events already stay as they are', async () => {
    const body = '{"specversion":"1.0","id":"e-1","source":"urn:shop","type":"sold","data":{"cups":2}}';
    const headers = {
      ...sign.standard(signed(body, { id: 'msg_ce' })),
      'content-type': 'application/cloudevents+json',
    };
    const before = stored().length;
    for (let time = 0; time < 2; time++) assert.equal((await post('standard', body, headers)).status, 204);
    assert.equal(stored().length, before + 1);
    const { event } = newest();
    assert.deepEqual([event.id, event.source, event.type, event.data], ['e-1', 'urn:shop', 'sold', { cups: 2 }]);
  });

  it('take the old secret, and no header that is not signed', async () => {
    const body = '{"type":"a"}';
    const headers = { 'tenfold-caller': 'x', 'ce-id': 'forged', 'x-callback-url': 'http://evil', 'ce-evil': '1' };
    const own = sign.standard({ secret: 'whsec_b2xk', body, at: AT, id: 'msg_old' });
    assert.equal((await post('standard', body, { ...headers, ...own })).status, 204);
    const { event } = newest();
    assert.equal(event.id, 'msg_old');
    assert.equal(event['evil'], undefined);
  });

  it('of GitHub: types with their action, forms, and a ping that is only answered', async () => {
    const body = '{"action":"opened","repository":{"full_name":"acme/shop"}}';
    assert.equal((await post('github', body, sign.github(signed(body), 'issues'))).status, 204);
    const { id, type, subject, time } = newest().event;
    assert.deepEqual(
      [id, type, subject, time],
      ['d-1', 'com.github.issues.opened', 'acme/shop', new Date(AT * 1000).toISOString()],
    );

    const form = `payload=${encodeURIComponent(body)}&a=1&a=2&a=3`;
    const asForm = { 'content-type': 'application/x-www-form-urlencoded' };
    assert.equal((await post('github', form, { ...sign.github(signed(form, { id: 'd-2' })), ...asForm })).status, 204);
    assert.equal(newest().event.type, 'com.github.push.opened');
    assert.deepEqual(newest().event.data, { payload: JSON.parse(body), form: { a: ['1', '2', '3'] }, body: form });

    const before = stored().length;
    assert.equal((await post('github', '{"zen":"x"}', sign.github(signed('{"zen":"x"}'), 'ping'))).status, 204);
    assert.equal(stored().length, before);
  });

  it('of Stripe become jobs of a Queue, one for each event', async () => {
    const event = (waiting: number) =>
      `{"id":"evt_1","type":"charge.succeeded","created":1699999000,"pending_webhooks":${waiting},"data":{"object":{"id":"ch_1"}}}`;
    assert.equal((await post('stripe', event(2), sign.stripe(signed(event(2))))).status, 202);
    const [record, ...others] = jobs();
    assert.ok(record);
    const { id, type, subject, time } = fromRecord(record);
    assert.deepEqual(
      [id, type, subject, time],
      ['evt_1', 'com.stripe.charge.succeeded', 'ch_1', '2023-11-14T21:56:40.000Z'],
    );
    assert.equal((await post('stripe', event(2), sign.stripe(signed(event(2))))).status, 202);
    assert.equal((await post('stripe', event(1), sign.stripe(signed(event(1))))).status, 204);
    assert.deepEqual([others.length, jobs().length], [0, 1]);
  });

  it('of Slack: a challenge, events, interactions and commands', async () => {
    const challenge = '{"type":"url_verification","challenge":"3eZbrw1aB"}';
    const before = stored().length;
    const answer = await post('slack', challenge, sign.slack(signed(challenge)));
    assert.deepEqual([answer.status, await answer.text()], [200, '3eZbrw1aB']);
    assert.equal(stored().length, before);

    const body =
      '{"type":"event_callback","event_id":"Ev1","event_time":1699999001,"team_id":"T1","event":{"type":"message","channel":"C1"}}';
    for (const at of [AT, AT + 9]) {
      const taken = await post('slack', body, sign.slack(signed(body, { at })));
      assert.deepEqual([taken.status, await taken.text()], [200, '']);
    }
    assert.equal(stored().length, before + 1);
    const { id, type, subject, source, time } = newest().event;
    assert.deepEqual([id, type, subject, source], ['Ev1', 'com.slack.message', 'T1', 'urn:slack']);
    assert.equal(time, '2023-11-14T21:56:41.000Z');

    const asForm = { 'content-type': 'application/x-www-form-urlencoded' };
    const button = `payload=${encodeURIComponent('{"type":"block_actions","trigger_id":"1.2","channel":{"id":"C2"}}')}`;
    assert.equal((await post('slack', button, { ...sign.slack(signed(button)), ...asForm })).status, 200);
    assert.deepEqual([newest().event.id, newest().event.type], ['1.2', 'com.slack.block_actions']);
    const command = 'command=%2Fcoffee&text=two&team_id=T1';
    for (let time = 0; time < 2; time++) {
      assert.equal((await post('slack', command, { ...sign.slack(signed(command)), ...asForm })).status, 200);
    }
    assert.equal(stored().length, before + 3);
    assert.equal(newest().event.type, 'com.slack.slash_command');
    assert.deepEqual(newest().event.data, { form: { command: '/coffee', text: 'two', team_id: 'T1' }, body: command });
  });
});

describe('deliveries of webhooks that are refused', () => {
  const { post, stored, address, reason: told } = withHooks();

  it('that are not signed, wrongly, long ago or in the future get one answer, and operators the reason', async () => {
    const body = '{"type":"x"}';
    const good = sign.standard(signed(body));
    const wrong: [string, Headers, string?][] = [
      ['auth.missing', {}],
      ['webhook.malformed', { ...good, 'webhook-timestamp': 'now' }],
      ['webhook.malformed', { ...good, 'webhook-signature': 'v1a,x' }],
      ['webhook.signature', { ...good, 'webhook-id': 'msg_9' }],
      ['webhook.signature', good, `${body} `],
      ['webhook.signature', sign.standard({ secret: 'whsec_b3RoZXI=', body, at: AT })],
      ['webhook.time', sign.standard(signed(body, { at: AT - 301 }))],
      ['webhook.time', sign.standard(signed(body, { at: AT + 301 }))],
    ];
    const before = stored().length;
    const answers = new Set<string>();
    for (const [reason, headers, sent = body] of wrong) {
      const answer = await post('standard', sent, headers);
      assert.equal(answer.status, 401);
      assert.equal(answer.headers.get('www-authenticate'), 'Webhook realm="hooks"');
      const { traceid: _, instance: __, ...problem } = (await answer.json()) as Record<string, unknown>;
      answers.add(JSON.stringify(problem).replace(/[0-9a-f]{32}/, 'trace'));
      assert.equal(told(), reason);
    }
    assert.equal(answers.size, 1, [...answers].join('\n'));
    assert.equal(stored().length, before);
  });

  it('that nothing can be made of are refused with what is wrong, once they are signed', async () => {
    const cases: [string, string, Headers, number][] = [
      ['github', 'no json', {}, 400],
      ['github', '<a/>', { 'content-type': 'text/xml' }, 415],
      ['stripe', '{"type":"a"}', {}, 400],
      ['github', '{"__proto__":1}', {}, 400],
      ['standard', '{"type":"a"}', { 'content-encoding': 'gzip' }, 415],
    ];
    for (const [kind, body, headers, status] of cases) {
      const made = sign[kind as keyof typeof sign](signed(body));
      assert.equal((await post(kind, body, { ...made, ...headers })).status, status, `${kind} ${body}`);
      assert.equal((await post(kind, `${body} `, { ...made, ...headers })).status, 401, `${kind} ${body}`);
    }
    assert.equal((await fetch(`${address()}/in/github`)).status, 405);
  });
});

describe('a webhook without its Secret', () => {
  it('is answered 503, so that the sender comes again', async () => {
    const log = createFakeLog();
    const served = await serveEndpoints(RESOURCES, log);
    try {
      const body = '{"type":"x"}';
      const headers = sign.standard({ secret: SECRET, body, at: Math.floor(Date.now() / 1000) });
      const answer = await fetch(`${served.public}/in/standard`, { method: 'POST', body, headers });
      assert.deepEqual([answer.status, answer.headers.get('retry-after')], [503, '10']);
      assert.ok(!(await answer.text()).includes('hooks'));
      assert.equal(served.answered.at(-1)?.reason, 'auth.unavailable');
      assert.equal(log.recordsOf('default.news').length, 0);
    } finally {
      await served.close();
    }
  });
});
