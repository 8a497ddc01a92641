// The faults that people are paged for, made in a whole platform: `tenfold diagnose` names each
// with its cause, and says that all is well once they are mended.
import assert from 'node:assert/strict';
import type { Diagnosis } from '../../admin/diagnosis/finding.ts';
import { run } from '../../cli/run.ts';
import { removeTempFolders, tempFolder } from '../cli/temp-folder.ts';
import { eventually } from '../eventually.ts';
import { fakeTerminal } from '../fakes/fake-terminal.ts';
import { type RunningProcess, startProcess } from './start-process.ts';

function resource(kind: string, name: string, spec: string): string {
  return `apiVersion: tenfold.dev/v1alpha1\nkind: ${kind}\nmetadata: { name: ${name} }\nspec: ${spec}\n`;
}

const FOREVER = 'retry: { attempts: 1000, backoff: constant, initial: 20ms, max: 20ms }';

const FILES = {
  'app.yaml': [
    resource('Topic', 'orders', '{ partitions: 1, key: "${event.data.item}" }'),
    resource('Subscription', 'receipts', `{ topic: orders, to: { function: menu }, ${FOREVER} }`),
    resource('Subscription', 'tries', '{ topic: orders, to: { function: menu }, retry: { attempts: 1 } }'),
    resource('Subscription', 'wall', '{ topic: orders, to: { function: wall } }'),
    resource('Queue', 'exports', '{ to: { function: slow }, maxWaiting: 2, concurrency: 1 }'),
    resource('Function', 'menu', '{ source: ./menu.ts }'),
    resource('Function', 'prices', '{ source: ./prices.ts }'),
    resource('Function', 'wall', '{ source: ./wall.ts }'),
    resource('Function', 'slow', '{ source: ./slow.ts }'),
    resource('Function', 'mender', '{ source: ./mender.ts }'),
    resource(
      'Api',
      'shop',
      `
  routes:
    - { match: { method: POST, path: /orders }, to: { topic: orders } }
    - { match: { path: /prices }, to: { function: prices } }
    - { match: { method: POST, path: /exports }, to: { queue: exports } }
    - { match: { method: PUT, path: /mended }, to: { function: mender } }`,
    ),
  ].join('---\n'),
  'menu.ts': `import { event } from 'tenfold';

export default event<{ item: string }>(async ({ data }, { cache }) => {
  if ((await cache.get('mended')) === undefined && data?.item === 'boom') throw new Error('no price for boom');
});
`,
  'prices.ts': `import { http } from 'tenfold';

export default http(async (_request, { cache }) => {
  if ((await cache.get('mended')) === undefined) throw new RangeError('no price list');
  return 'a price';
});
`,
  'wall.ts': `import { event } from 'tenfold';

export default event(() => {});
`,
  'slow.ts': `import { event } from 'tenfold';

export default event(async (_event, { cache }) => {
  while ((await cache.get('mended')) === undefined) await new Promise(resolve => setTimeout(resolve, 20));
});
`,
  'mender.ts': `import { http } from 'tenfold';

export default http(async (_request, { cache }) => {
  await cache.set('mended', 'yes', { ttlMs: 3_600_000 });
});
`,
};

describe('tenfold diagnose, on call', () => {
  let platform: RunningProcess;
  let directory: string;

  before(async () => {
    directory = tempFolder(FILES);
    platform = await startProcess({ role: 'serve', directory });
    await eventually(() => platform.isReady(), 'it is ready');
  });
  after(async () => {
    await platform?.end('SIGKILL');
    removeTempFolders();
  });

  const tenfold = async (...words: string[]) => {
    const terminal = fakeTerminal({ cwd: directory });
    const code = await run(words, terminal);
    return { code, stdout: terminal.stdout };
  };
  const diagnosis = async (): Promise<Diagnosis> => JSON.parse(await (await platform.admin('/api/diagnosis')).text());
  const post = async (path: string, data: unknown, method = 'POST') => {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(platform.addresses.public + path, { method, headers, body: JSON.stringify(data) });
    await response.text();
    return response.status;
  };
  const has = async (name: string, reason: string) =>
    (await diagnosis()).findings.some(found => found.resource?.name === name && found.reason === reason);

  it('says that all is well', async () => {
    await eventually(async () => (await tenfold('diagnose')).code === 0, 'all is well');
  });

  it('names each of the faults, with the cause and the next command', async () => {
    assert.equal((await tenfold('subscriptions', 'pause', 'wall')).code, 0);
    assert.equal(await post('/orders', { item: 'boom' }), 204);
    const isFull = async () => (await post('/exports', { page: 1 })) === 503;
    await eventually(isFull, 'the queue takes no more');
    for (const [name, reason] of [
      ['receipts', 'KeysParked'],
      ['tries', 'DeadLetters'],
      ['wall', 'Paused'],
      ['exports', 'AtCapacity'],
    ] as const)
      await eventually(() => has(name, reason), `${name} is ${reason}`);
    assert.equal((await fetch(`${platform.addresses.public}/prices`)).status, 500);
    const { code, stdout } = await tenfold('diagnose');
    assert.equal(code, 6);
    const paragraphs = stdout.split('\n\n');
    const of = (head: string) => paragraphs.find(text => text.includes(head)) ?? assert.fail(`${head}: ${stdout}`);
    assert.match(of('Subscription receipts: KeysParked'), /Cause: Error: no price for boom at menu\.ts:4:\d+/);
    assert.match(
      of('Subscription receipts: KeysParked'),
      /Next: tenfold parked list subscription\/receipts -n default$/,
    );
    assert.match(of('Function prices: FailingCalls'), /1 of 1 call in the last minutes failed.*answered with 500/s);
    assert.match(of('Function prices: FailingCalls'), /Cause: RangeError: no price list at prices\.ts:4:\d+/);
    assert.match(of('Function prices: FailingCalls'), /Touches: Api shop\n/);
    assert.match(of('Subscription tries: DeadLetters'), /Next: tenfold dead list subscription\/tries -n default$/);
    assert.match(of('Subscription wall: Paused'), /Next: tenfold subscriptions resume subscription\/wall -n default$/);
    assert.match(of('Queue exports: AtCapacity'), /Touches: Api shop\n {2}Next: tenfold jobs list exports -n default$/);
  });

  it('says the same by conditions, while Ready stays True', async () => {
    const { items } = JSON.parse(await (await platform.admin('/api/resources?kind=Subscription')).text());
    const told = items.map(({ name, conditions }: { name: string; conditions: { type: string; status: string }[] }) => [
      name,
      ...['Ready', 'Healthy'].map(type => conditions.find(each => each.type === type)?.status),
    ]);
    assert.deepEqual(Object.fromEntries(told.map(([name, ...rest]: string[]) => [name, rest])), {
      receipts: ['True', 'False'],
      tries: ['True', 'False'],
      wall: ['True', 'False'],
    });
  });

  it('says that all is well again when all is mended', async () => {
    assert.ok((await post('/mended', {}, 'PUT')) < 300);
    assert.equal((await fetch(`${platform.addresses.public}/prices`)).status, 200);
    assert.equal((await tenfold('subscriptions', 'resume', 'wall')).code, 0);
    assert.equal((await tenfold('dead', 'redrive', 'tries', '--all')).code, 0);
    await eventually(async () => (await diagnosis()).findings.length === 0, 'nothing is wrong');
    assert.equal((await tenfold('diagnose')).code, 0);
  });

  it('has each of the commands in the audit log', async () => {
    const { items } = JSON.parse((await tenfold('audit', '-o', 'json')).stdout);
    const told = items.map(({ action, outcome, taken }: { action: string; outcome: string; taken?: number }) =>
      [action.replace('/api/consumers/Subscription/default/', ''), outcome, taken ?? ''].join(' ').trim(),
    );
    const operation = /\d{4}-\d\d-\d\d-[0-9a-f]{8}/;
    // The operation may end before the answer to its start is told.
    assert.deepEqual(told.map((line: string) => line.replace(operation, 'ID')).toSorted(), [
      'POST /api/operations done',
      'POST /api/operations/default/ID/start done',
      'POST wall/pause done',
      'POST wall/resume done',
      'operation ID: redrive subscription/tries done 1',
    ]);
    assert.match(items[0].client, /^tenfold\/\S+ \(.+\)$/);
    assert.match(platform.output(), /"message":"an operator acted"/);
  });
});
