// Why a function failed, through a whole platform: the operator finds it at each place where what
// failed is kept, and no caller learns anything.
import assert from 'node:assert/strict';
import { text } from 'node:stream/consumers';
import type { DeadLetterSummary } from '../../admin/commands/dead-letter-view.ts';
import type { ConsumerReport } from '../../admin/event-view.ts';
import type { FailedItem } from '../../admin/fan-out-view.ts';
import type { JobSummary } from '../../admin/job-view.ts';
import type { Page } from '../../admin/page.ts';
import type { Cause } from '../../core/cause.ts';
import { removeTempFolders, tempFolder } from '../cli/temp-folder.ts';
import { eventually } from '../eventually.ts';
import { startUpstream } from '../fakes/echo-upstream.ts';
import { type RunningProcess, startProcess } from './start-process.ts';

const SECRET = 'no price for boom';
const PUBLIC = 'Something went wrong on our side';
const RETRY = 'retry: { attempts: 2, initial: 10ms, max: 10ms }';

function resource(kind: string, name: string, spec: string): string {
  return `apiVersion: tenfold.dev/v1alpha1\nkind: ${kind}\nmetadata: { name: ${name} }\nspec: ${spec}\n`;
}

const FILES = {
  'app.yaml': [
    resource('Topic', 'orders', '{ partitions: 1, key: "${event.data.item}" }'),
    resource('Subscription', 'receipts', `{ topic: orders, to: { function: menu }, ${RETRY} }`),
    resource('Subscription', 'lots', `{ topic: orders, to: { function: lots }, batch: { size: 10 }, ${RETRY} }`),
    resource(
      'View',
      'sold',
      `{ from: [orders], project: { function: menu }, table: { key: "\${event.data.item}" }, ${RETRY} }`,
    ),
    resource('Queue', 'exports', `{ to: { function: menu }, ${RETRY} }`),
    resource('FanOut', 'prices', `{ split: "\${event.data.items}", worker: { function: menu, ${RETRY} } }`),
    resource('Function', 'menu', '{ source: ./menu.ts }'),
    resource('Function', 'lots', '{ source: ./lots.ts }'),
    resource('Function', 'shop', '{ source: ./shop.ts }'),
    resource(
      'Queue',
      'told',
      `{ to: { function: menu }, ${RETRY}, callbacks: { secret: callbacks, retry: { attempts: 1 } } }`,
    ),
    resource('Function', 'caller', '{ source: ./caller.ts }'),
    resource('Aggregate', 'page', '{ parts: { shop: { to: { function: shop } } }, response: { body: "${shop}" } }'),
    resource(
      'Api',
      'shop',
      `
  graphql: { path: /graphql, schema: ./shop.graphql, resolvers: { Query.price: { to: { function: shop } } } }
  routes:
    - { match: { path: /price }, to: { function: shop } }
    - { match: { path: /page }, to: { aggregate: page } }
    - { match: { path: /called }, to: { function: caller } }
    - { match: { method: POST, path: /told }, to: { queue: told } }
    - { match: { method: POST, path: /orders }, to: { topic: orders } }
    - { match: { method: POST, path: /exports }, to: { queue: exports } }
    - { match: { method: POST, path: /prices }, to: { fanOut: prices } }`,
    ),
  ].join('---\n'),
  'price.ts': `export function priceOf(item: string): number {
  throw new RangeError('no price for ' + item);
}
`,
  'menu.ts': `import { event } from 'tenfold';
import { priceOf } from './price.ts';

export default event<{ item: string }>(({ data }, { logger }) => {
  logger.info('asked for a price');
  priceOf(data?.item ?? 'boom');
});
`,
  'lots.ts': `import { batch } from 'tenfold';

export default batch<{ item: string }>(events => events.map(() => new TypeError('${SECRET}')));
`,
  'shop.graphql': 'type Query { price: String }\n',
  'caller.ts': `import { http, InvokeError } from 'tenfold';

export default http(async (_request, { invoke }) => {
  try {
    return await invoke('shop', { headers: { 'tenfold-consumer': 'Subscription/default/receipts' } });
  } catch (error) {
    return error instanceof InvokeError ? { problem: error.problem, message: error.message } : 'no answer';
  }
});
`,
  '.tenfold/secrets/default/callbacks.json': '{"key":"whsec_c2VjcmV0LW9mLXRoZS1jYWxsYmFja3M="}',
  'shop.ts': `import { http } from 'tenfold';

export default http(() => {
  throw new Error('${SECRET}');
});
`,
};

describe('the cause of a failure', () => {
  let platform: RunningProcess;
  let receiver: Awaited<ReturnType<typeof startUpstream>>;
  const answers: string[] = [];
  const hooks: string[] = [];

  async function call(path: string, init: RequestInit = {}): Promise<Response> {
    const response = await fetch(`${platform.addresses.public}${path}`, init);
    const body = await response.clone().text();
    answers.push(JSON.stringify([...response.headers]) + body);
    return response;
  }

  function post(path: string, data: unknown): Promise<Response> {
    return call(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(data) });
  }

  async function admin<T>(path: string): Promise<T> {
    return JSON.parse(await (await platform.admin(path)).text());
  }

  function assertTold(cause: Cause | undefined): void {
    assert.ok(cause);
    assert.equal(cause.name, 'RangeError');
    assert.equal(cause.message, SECRET);
    assert.equal(cause.at, 'price.ts:2:9');
    assert.match(cause.trace ?? '', /^[0-9a-f]{32}$/);
    assert.match(cause.version ?? '', /^[0-9a-f]{8}$/);
  }

  before(async () => {
    receiver = await startUpstream(async (request, response) => {
      hooks.push(request.rawHeaders.join() + (await text(request)));
      response.end();
    });
    const env = { TENFOLD_CALLBACKS_HOSTS: '127.0.0.0/8' };
    platform = await startProcess({ role: 'serve', directory: tempFolder(FILES), env });
    await eventually(() => platform.isReady(), 'it is ready');
  });
  after(async () => {
    await platform?.end('SIGKILL');
    await receiver?.close();
    removeTempFolders();
  });

  const letters = (kind: string, name: string) =>
    admin<Page<DeadLetterSummary>>(`/api/dead-letters?kind=${kind}&namespace=default&name=${name}`);

  it('is in the dead letter of an event, alone or in a batch', async () => {
    assert.equal((await post('/orders', { item: 'boom' })).status, 204);
    await eventually(async () => (await letters('Subscription', 'receipts')).items.length > 0, 'it is given up');
    const [letter] = (await letters('Subscription', 'receipts')).items;
    assertTold(letter?.cause);
    assert.equal(letter?.error, PUBLIC);
    await eventually(async () => (await letters('Subscription', 'lots')).items.length > 0, 'the batch is given up');
    const [ofBatch] = (await letters('Subscription', 'lots')).items;
    assert.equal(ofBatch?.cause?.name, 'TypeError');
    assert.equal(ofBatch?.cause?.message, SECRET);
  });

  it('is in the dead letter of a View whose function fails', async () => {
    await eventually(async () => (await letters('View', 'sold')).items.length > 0, 'the View gives it up');
    assertTold((await letters('View', 'sold')).items[0]?.cause);
  });

  it('is the newest failure of the consumer', async () => {
    const { items } = await admin<Page<ConsumerReport>>('/api/consumers');
    const newest = items.find(({ name }) => name === 'receipts')?.newestFailure;
    assertTold(newest?.cause);
    assert.equal(newest?.reason, 'TargetFailed');
    assert.equal(newest?.key, 'boom');
    assert.equal(newest?.attempt, 2);
  });

  it('is in a line of the log for each attempt, and the function logs what it was called for', () => {
    const lines: Record<string, unknown>[] = platform
      .output()
      .split('\n')
      .flatMap(line => (line.startsWith('{') ? [JSON.parse(line)] : []));
    const failed = lines.filter(
      ({ message, consumer }) =>
        message === 'an attempt at an event failed' && consumer === 'Subscription/default/receipts',
    );
    assert.deepEqual(
      failed.map(({ attempt }) => attempt),
      [1, 2],
    );
    const [first, second] = failed;
    assert.match(String(first?.cause), /^RangeError: no price for boom at price\.ts:2:9 \(version [0-9a-f]{8}\)$/);
    assert.equal(first?.key, 'boom');
    assert.equal(first?.reason, 'TargetFailed');
    assert.match(String(first?.next), /^\d{4}-.*Z$/);
    assert.equal(second?.givenUp, 'exhausted');
    assert.match(String(first?.trace), /^[0-9a-f]{32}$/);
    const asked = lines.filter(({ message, consumer }) => message === 'asked for a price' && consumer !== undefined);
    const [own] = asked;
    assert.deepEqual(
      { consumer: own?.consumer, event: own?.event, key: own?.key, attempt: own?.attempt, trace: own?.trace },
      {
        consumer: 'Subscription/default/receipts',
        event: first?.event,
        key: 'boom',
        attempt: 1,
        trace: first?.trace,
      },
    );
  });

  it('is with a job', async () => {
    const accepted = await post('/exports', { item: 'boom' });
    const { id, location }: { id: string; location: string } = JSON.parse(await accepted.text());
    const read = () => admin<JobSummary>(`/api/jobs/default/exports/${id}`);
    await eventually(async () => (await read()).state === 'failed', 'the job fails');
    assertTold((await read()).cause);
    const seen = await (await call(location)).text();
    assert.deepEqual(JSON.parse(seen).error, { status: 500, message: PUBLIC });
    await call(`${location}/result`);
  });

  it('is with an item of a FanOut', async () => {
    const accepted = await post('/prices', { items: [{ item: 'boom' }] });
    const { id, location }: { id: string; location: string } = JSON.parse(await accepted.text());
    const failed = () => admin<Page<FailedItem>>(`/api/fan-outs/jobs/default/prices/${id}/failed`);
    await eventually(async () => ((await failed()).items ?? []).length > 0, 'the item fails');
    assertTold((await failed()).items[0]?.error.cause);
    for (const path of [location, `${location}/failed`, `${location}/results`]) await call(path);
    const seen = JSON.parse(await (await call(`${location}/failed`)).text());
    assert.deepEqual(seen.items[0].error, { status: 500, message: PUBLIC });
  });

  it('is in no callback', async () => {
    const type = { 'content-type': 'application/json' };
    const headers = { ...type, 'x-callback-url': `${receiver.origin}/hook` };
    assert.equal((await call('/told', { method: 'POST', headers, body: '{"item":"boom"}' })).status, 202);
    await eventually(() => hooks.length > 0, 'the receiver is called');
    assert.match(hooks.join(), /"state":"failed"/);
    answers.push(...hooks);
  });

  it('reaches no caller, whoever asks', async () => {
    const query = await post('/graphql', { query: '{ price }' });
    assert.match(await query.text(), /errors/);
    const called = await call('/called');
    assert.equal(called.status, 200);
    assert.match(await called.text(), /answered 500/);
    for (const path of ['/price', '/page']) {
      const forged = { 'tenfold-consumer': 'Subscription/default/receipts', 'tenfold-event-key': 'boom' };
      const response = await call(path, { headers: forged });
      assert.ok(response.status >= 500, path);
    }
    for (const answer of answers) assert.doesNotMatch(answer, /no price|tenfold-cause|price\.ts|RangeError/);
  });
});
