// The one sentence that says why an event or a job waits, where the Function that its consumer
// calls is the reason: on a whole platform, with Functions that sleep, fail, rest and are full.
// Where calls fail, a dispatcher on a busy machine may have parked the event that is asked for.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ConsumerReport } from '../../../../admin/event-view.ts';
import type { EventStory, JobStory } from '../../../../admin/story-view.ts';
import { type Platform, startPlatform } from '../../../../server/platform.ts';
import { removeTempFolders, tempFolder } from '../../../cli/temp-folder.ts';
import { eventually } from '../../../eventually.ts';
import { startUpstream } from '../../../fakes/echo-upstream.ts';

/** A consumer, the Function that it calls, and what is said of an event that waits there. */
interface Case {
  readonly does: string;
  readonly fn: string;
  /** Its targets, where these are more than the Function. */
  readonly to?: string;
  /** Of the Subscription. */
  readonly more?: string;
  readonly by: string;
  readonly because: RegExp;
}

const PARKED = String.raw`( It is the first one of its key that waits, and is tried at .+ at the earliest\.)?`;
const AT = String.raw`20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z`;
const breaker = 'circuitBreaker: { minimum: 2, window: 1m, open: 5m }';
const cases: Record<string, Case> = {
  // A start that takes long fails at last, so these come first.
  sleeps: {
    does: 'slept and is being woken',
    fn: 'source: ./starts.ts, permissions: { read: [./kept] }, timeout: 10m',
    by: 'starting',
    because: /^Function sleeps is being woken; calls wait until its first instance answers\. It /,
  },
  starts: {
    does: 'never sleeps and is starting',
    fn: 'source: ./starts.ts, permissions: { read: [./kept] }, scale: { min: 1 }, timeout: 10m',
    by: 'starting',
    because: /^Function starts is starting; calls wait until its first instance answers\. It /,
  },
  asks: {
    does: 'asks by Retry-After for a pause',
    fn: 'url: URL/asks',
    by: 'pause',
    because: new RegExp(`^Function asks has asked by Retry-After .+: 503 .+\\. The next call is at ${AT}\\.${PARKED}$`),
  },
  breaks: {
    does: 'has an open circuit breaker',
    fn: `url: URL/breaks, ${breaker}`,
    by: 'breaker',
    because: new RegExp(`^The circuit breaker of function breaks is open, .+ The next call is at ${AT}\\.${PARKED}$`),
  },
  away: {
    does: 'is at an address where nobody listens',
    fn: 'url: "http://127.0.0.1:1"',
    by: 'failing',
    because: new RegExp(
      `^The target of the consumer, function away, is left alone .+ calls failed: .+ at ${AT}\\.${PARKED}$`,
    ),
  },
  limited: {
    does: 'is at its limits',
    fn: 'url: URL/hangs, limits: { concurrency: 1, maxWait: 10m }, timeout: 10m',
    more: 'concurrency: 3',
    by: 'limits',
    because: /^Function limited is at its limits \(concurrency: 1\): 2 calls wait for a turn\. It /,
  },
  busy: {
    does: 'has instances that are all busy',
    fn: 'source: ./busy.ts, permissions: { read: [./kept] }, concurrency: 1, scale: { max: 1 }, timeout: 10m',
    more: 'concurrency: 3',
    by: 'instances',
    because: /^All instances of function busy are busy: 2 calls wait for one\. It /,
  },
  broken: {
    does: 'does not start',
    fn: 'source: ./broken.ts',
    by: 'unavailable',
    because: /^Function broken is unavailable: .*there is no price list/,
  },
  shared: {
    does: 'is one of several targets, and does not start',
    fn: 'source: ./broken.ts',
    to: '[{ function: narrow, weight: 1 }, { function: shared, weight: 99 }, { function: off, weight: 0 }]',
    by: 'unavailable',
    because:
      /^Function shared is unavailable: .*there is no price list.* Function shared is one of the 2 targets of the consumer\./,
  },
  turned: {
    does: 'is one of several targets, and at its limits',
    fn: 'url: URL/hangs, limits: { concurrency: 1, maxWait: 10m }, timeout: 10m',
    to: '[{ function: turned, weight: 99 }, { function: narrow, weight: 1 }]',
    more: 'concurrency: 3',
    by: 'limits',
    because:
      /^Function turned is at its limits .+ for a turn\. Function turned is one of the 2 targets of the consumer\./,
  },
  off: {
    does: 'was scaled to 0 replicas',
    fn: 'source: ./busy.ts, permissions: { read: [./kept] }, scale: { replicas: 0 }',
    by: 'stopped',
    because: /^Function off is scaled to 0 replicas, so nothing answers\./,
  },
  narrow: {
    does: 'answers a consumer that is at its own limit',
    fn: 'url: URL/hangs, timeout: 10m',
    by: 'concurrency',
    because:
      /^The consumer makes as many calls at a time as it may \(concurrency: 1\)\. It waits behind at most 3 events of its partition; 1 event of the consumer is under way\.$/,
  },
  rated: {
    does: 'answers a consumer that has used up its rate',
    fn: 'url: URL/answers',
    more: 'rate: 1/h',
    by: 'rate',
    because: new RegExp(
      `^The consumer has used up its rate for now \\(rate: 1/h\\)\\. The next call is at ${AT}\\. It waits`,
    ),
  },
};
const APP = (url: string) =>
  [
    'kind: Topic; metadata: { name: orders }; spec: { partitions: 1 }',
    ...Object.entries(cases).map(
      ([name, { fn }]) => `kind: Function; metadata: { name: ${name} }; spec: { ${fn.replace('URL', url)} }`,
    ),
    ...Object.entries(cases).map(
      ([name, { to = `{ function: ${name} }`, more = 'concurrency: 1' }]) =>
        `kind: Subscription; metadata: { name: ${name} }; spec: { topic: orders, from: earliest, order: none, to: ${to}, ${more} }`,
    ),
    'kind: Topic; metadata: { name: results }; spec: {}',
    'kind: View; metadata: { name: rows }; spec: { from: [orders], project: { function: broken }, table: { key: "${event.id}" } }',
    'kind: Pipeline; metadata: { name: maps }; spec: { from: { topic: orders, start: earliest }, steps: [{ map: { function: off } }], to: [{ topic: results }] }',
    'kind: Pipeline; metadata: { name: tells }; spec: { from: { topic: orders, start: earliest }, steps: [], to: [{ function: turned }] }',
    'kind: Function; metadata: { name: wakes }; spec: { source: ./starts.ts, permissions: { read: [./kept] } }',
    'kind: Queue; metadata: { name: imports }; spec: { to: { function: wakes } }',
    'kind: FanOut; metadata: { name: prints }; spec: { split: "${event.data.items}", worker: { function: limited } }',
    'kind: Api; metadata: { name: shop }; spec: { routes: [ { match: { method: POST, path: /orders }, to: { topic: orders } }, { match: { method: POST, path: /imports }, to: { queue: imports } }, { match: { method: POST, path: /prints }, to: { fanOut: prints } } ] }',
  ]
    .map(document => `apiVersion: tenfold.dev/v1alpha1\n${document.replaceAll('; ', '\n')}`)
    .join('\n---\n');

const WAITS = `import { existsSync } from 'node:fs';
import { join } from 'node:path';
const goes = async () => { while (!existsSync(join(import.meta.dirname, 'kept', 'on'))) await new Promise(on => setTimeout(on, 20)); };
`;
const FILES = {
  'kept/note': '',
  'busy.ts': `${WAITS}export default async () => { await goes(); };\n`,
  'starts.ts': `${WAITS}await goes();\nexport default () => {};\n`,
  'broken.ts': `throw new Error('there is no price list');\n`,
};

describe('the one sentence of a story, where the Function is the reason', () => {
  let platform: Platform;
  let upstream: Awaited<ReturnType<typeof startUpstream>>;
  let folder: string;

  before(async () => {
    upstream = await startUpstream((request, response) => {
      request.resume();
      const [, which = ''] = request.url?.split('/') ?? [];
      if (which === 'hangs') return;
      const asks = which === 'asks' ? { 'retry-after': '50' } : {};
      response.writeHead({ asks: 503, breaks: 500 }[which] ?? 204, asks).end();
    });
    folder = tempFolder({ 'app.yaml': APP(upstream.origin), ...FILES });
    const ports = { public: 0, internal: 0, admin: 0 };
    platform = await startPlatform({ directory: folder, watch: false, host: '127.0.0.1', ports, events: {} });
    for (let n = 0; n < 4; n++) await send('orders', { n });
  });
  after(async () => {
    writeFileSync(join(folder, 'kept', 'on'), '');
    await platform.close(0);
    await upstream.close();
    removeTempFolders();
  });

  const send = async (path: string, data: unknown) => {
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify(data);
    const answer = await fetch(`${platform.addresses.public}/${path}`, { method: 'POST', headers, body });
    assert.ok(answer.ok, `${path}: ${answer.status} ${await answer.clone().text()}`);
    return answer;
  };
  const admin = async <T>(path: string): Promise<T> => {
    const headers = { authorization: `Bearer ${platform.adminToken}` };
    const answer = await fetch(`${platform.addresses.admin}/api${path}`, { headers });
    assert.ok(answer.ok, `${path}: ${answer.status} ${await answer.clone().text()}`);
    return (await answer.json()) as T;
  };

  for (const [name, { does, by, because }] of Object.entries(cases))
    it(`says so of an event whose Function ${does}`, async () => {
      let told: EventStory['consumers'][number] | undefined;
      const isTold = async () => {
        const { consumers } = await admin<EventStory>('/topics/default/orders/events/0-3/story');
        told = consumers.find(({ consumer }) => consumer.name === name);
        return told?.heldUp?.by === by && because.test(told.because ?? '');
      };
      await eventually(isTold, 'it is told', 20_000).catch(() => assert.fail(JSON.stringify(told)));
      assert.ok(told?.fate === 'waiting' || (told?.fate === 'parked' && because.source.includes(PARKED)));
      const report = await admin<ConsumerReport>(`/consumers/Subscription/default/${name}`);
      assert.equal(report.heldUp?.by, by);
    });

  const parts: readonly [part: string, name: string, by: string, because: RegExp][] = [
    ['a View', 'rows', 'unavailable', /^Function broken is unavailable: .*there is no price list/],
    ['a step of a Pipeline', 'maps/calling0', 'stopped', /^Function off is scaled to 0 replicas, so nothing answers\./],
    ['the target of a Pipeline', 'tells/call0', 'limits', /^Function turned is at its limits \(concurrency: 1\): /],
  ];
  for (const [part, name, by, because] of parts)
    it(`says so of an event that waits at ${part}`, async () => {
      let told: EventStory['consumers'] = [];
      const isTold = async () => {
        ({ consumers: told } = await admin<EventStory>('/topics/default/orders/events/0-3/story'));
        return told.some(
          each => each.consumer.name === name && each.heldUp?.by === by && because.test(each.because ?? ''),
        );
      };
      const others = () => JSON.stringify(told.filter(({ consumer }) => consumer.kind !== 'Subscription'));
      await eventually(isTold, 'it is told', 20_000).catch(() => assert.fail(others()));
    });

  it('says so of a job that seems to run while its Function is being woken', async () => {
    const { id } = (await (await send('imports', {})).json()) as { readonly id: string };
    let story: JobStory | undefined;
    await eventually(async () => {
      story = await admin<JobStory>(`/jobs/default/imports/${id}/story`);
      return story.consumers[0]?.fate === 'running';
    }, 'an attempt is under way');
    assert.equal(story?.consumers[0]?.heldUp?.by, 'starting');
    assert.match(
      story?.because ?? '',
      /^Attempt 1 began at .+ has not ended\. Function wakes is being woken; calls wait/,
    );
  });

  it('says so of a job of a FanOut whose items wait for their turn', async () => {
    const { id } = (await (await send('prints', { items: [1] })).json()) as { readonly id: string };
    let story: JobStory | undefined;
    await eventually(async () => {
      story = await admin<JobStory>(`/fan-outs/jobs/default/prints/${id}/story`);
      return story.consumers[0]?.heldUp?.by === 'limits';
    }, 'it waits for its turn');
    assert.match(story?.because ?? '', /^Function limited is at its limits .+ for a turn\. It waits for 1 item\.$/);
  });
});
