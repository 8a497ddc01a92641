// What a function gives for an event reaches whoever asks for it, whatever calls the function, one
// by one or in batches, whatever fails beside it.
import assert from 'node:assert/strict';
import { type Platform, startPlatform } from '../../../server/platform.ts';
import { removeTempFolders, tempFolder } from '../../cli/temp-folder.ts';
import { eventually } from '../../eventually.ts';
import { startUpstream } from '../../fakes/echo-upstream.ts';

/** How a function is declared, and how it is called. */
const WAYS = [
  { way: 'single', fn: 'one', batch: '' },
  { way: 'batch', fn: 'many', batch: 'batch: { size: 4, wait: 50ms }, ' },
  { way: 'alone', fn: 'many', batch: '' },
] as const;

const meta = (kind: string, name: string) =>
  `---\napiVersion: tenfold.dev/v1alpha1\nkind: ${kind}\nmetadata: { name: ${name} }\nspec: `;
const RETRY = 'retry: { attempts: 1 }';

const ofWay = ({ way, fn, batch }: (typeof WAYS)[number], sink: string) => `
${meta('Topic', `in-${way}`)}{ partitions: 1 }
${meta('Topic', `replies-${way}`)}{ partitions: 1 }
${meta('Subscription', `sub-${way}`)}{ topic: in-${way}, to: { function: ${fn} }, ${batch}${RETRY}, reply: { topic: replies-${way} } }
${meta('Subscription', `told-${way}`)}{ topic: replies-${way}, to: { url: "${sink}/reply-${way}" } }
${meta('Queue', `jobs-${way}`)}{ to: { function: ${fn} }, ${batch}${RETRY} }
${meta('FanOut', `items-${way}`)}{ split: { function: cut }, worker: { function: ${fn}, ${batch}${RETRY} }, gather: { function: sum }, complete: { when: all, tolerate: 100 } }
${
  batch
    ? ''
    : `${meta('Pipeline', `mapped-${way}`)}
  from: { topic: in-${way}, start: earliest }
  steps: [{ map: { function: ${fn} } }]
  ${RETRY}
  to: [{ url: "${sink}/mapped-${way}" }]
${meta('Pipeline', `called-${way}`)}
  from: { topic: in-${way}, start: earliest }
  ${RETRY}
  to: [{ function: ${fn} }]
${meta('View', `seen-${way}`)}{ from: [in-${way}], project: { function: ${fn} }, table: { key: "\${string(event.data.twice)}" }, ${RETRY} }`
}
${meta('Api', `api-${way}`)}
  basePath: /${way}
  routes:
    - { match: { method: POST, path: /in }, to: { topic: in-${way} } }
    - { match: { method: POST, path: /jobs }, to: { queue: jobs-${way} } }
    - { match: { method: POST, path: /items }, to: { fanOut: items-${way} } }
${batch ? '' : `    - { match: { method: GET, path: /seen }, to: { view: seen-${way} } }`}
`;

const ACT = `import { doNotRetry, reply } from 'tenfold';
async function act({ id, data }) {
  switch (data.how) {
    case 'nothing': return undefined;
    case 'fail': throw doNotRetry('it fails');
    case 'returned': return doNotRetry('it fails');
    case 'event': return { specversion: '1.0', id: 'of-' + id, source: '/act', type: 'Acted', datacontenttype: 'application/json', data: { twice: data.n * 2 } };
    case 'reply': return reply(201, { twice: data.n * 2 });
    case 'refuse': return reply(422, { detail: 'it is refused' });
    case 'fetched': return new Response(JSON.stringify({ twice: data.n * 2 }), { headers: { 'content-type': 'application/json' } });
    case 'bytes': return Buffer.from('twice ' + data.n * 2);
    case 'endless': return { twice: BigInt(data.n) };
    default: return { twice: data.n * 2 };
  }
}
export { act };
`;
const FILES = {
  'act.js': ACT,
  'one.js': `import { event } from 'tenfold';\nimport { act } from './act.js';\nexport default event(act);\n`,
  'many.js': `import { batch } from 'tenfold';\nimport { act } from './act.js';\nexport default batch(events => Promise.allSettled(events.map(act)));\n`,
  'cut.js': `import { http } from 'tenfold';\nexport default http(async request => ({ items: (await request.json()).event.data }));\n`,
  'sum.js': `import { gathered, http } from 'tenfold';
export default http(async request => {
  const { items } = await gathered(request);
  let sum = 0;
  for await (const item of items) sum += item.result?.twice ?? 0;
  return { sum };
});
`,
};
const FUNCTIONS = Object.keys(FILES)
  .slice(1)
  .map(file => `${meta('Function', file.slice(0, -3))}{ source: ./${file} }\n`)
  .join('');

const DONE = ['value', 'nothing', 'event', 'reply', 'fetched', 'bytes'] as const;
const FAILING = ['fail', 'returned', 'refuse', 'endless'] as const;
type How = (typeof DONE)[number] | (typeof FAILING)[number];
const GIVES_JSON = new Set<How>(['value', 'event', 'reply', 'fetched']);
const IS_EVENT = new Set<How>(['value', 'event']);

interface Item {
  readonly index: number;
  readonly result?: unknown;
}
/** Of a job, of a page of results, of a view: what this test looks at. */
interface Answer {
  readonly state?: string;
  readonly items?: { readonly failed: number } | readonly Item[];
  readonly result?: { readonly body?: unknown };
  readonly twice?: number;
}

const MIXES: readonly [string, readonly How[]][] = [
  ['all succeed with a result', Array.from({ length: 8 }, () => 'value')],
  ['all succeed in every way', [...DONE, ...DONE]],
  ['none has a result', ['nothing', 'nothing', 'nothing']],
  ['some fail', [...DONE, ...FAILING, ...DONE]],
  ['all fail', [...FAILING]],
];

describe('results of functions', () => {
  let platform: Platform;
  let sink: Awaited<ReturnType<typeof startUpstream>>;
  const heard = new Map<string, unknown[]>();

  before(async () => {
    sink = await startUpstream((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', part => parts.push(part));
      request.on('end', () => {
        const body = Buffer.concat(parts).toString();
        const path = String(request.url).split('/').filter(Boolean)[0] ?? '';
        heard.set(path, [...(heard.get(path) ?? []), body.startsWith('{') ? JSON.parse(body) : body]);
        response.writeHead(204).end();
      });
    });
    const yaml = FUNCTIONS + WAYS.map(way => ofWay(way, sink.origin)).join('');
    const directory = tempFolder({ ...FILES, 'app.yaml': yaml });
    const ports = { public: 0, internal: 0, admin: 0 };
    platform = await startPlatform({ directory, watch: false, host: '127.0.0.1', ports, events: {} });
    assert.deepEqual(platform.view.catalog.problems, []);
  });
  after(async () => {
    await platform.close(1000);
    await sink.close();
    removeTempFolders();
  });

  const post = async (path: string, body: unknown) => {
    const headers = { 'content-type': 'application/json' };
    const init = { method: 'POST', headers, body: JSON.stringify(body) };
    const answer = await fetch(`${platform.addresses.public}${path}`, init);
    assert.ok(answer.ok, `${path}: ${answer.status} ${await answer.clone().text()}`);
    return answer;
  };
  const ask = async (path: string): Promise<Answer> => {
    const answer = await fetch(`${platform.addresses.public}${path}`);
    const text = await answer.text();
    return text === '' ? {} : JSON.parse(text);
  };
  const jsonResult = (how: How, n: number) => (GIVES_JSON.has(how) ? { twice: 2 * n } : undefined);
  const sorted = (list: readonly unknown[]) => list.map(each => JSON.stringify(each)).sort();

  for (const { way } of WAYS)
    for (const [name, mix] of MIXES) {
      const first = 1000 * (1 + MIXES.findIndex(([other]) => other === name));
      const events = mix.map((how, index) => ({ how, n: first + index }));

      it(`of a FanOut's items, ${way}: ${name}`, async () => {
        const { location } = (await (await post(`/${way}/items`, events)).json()) as { location: string };
        let job: Answer = {};
        await eventually(async () => {
          job = await ask(`${location}?wait=5`);
          return ['succeeded', 'failed', 'expired'].includes(job.state ?? '');
        }, 'the job ends');
        assert.equal(job.state, 'succeeded', JSON.stringify(job));
        const failing = mix.filter(how => (FAILING as readonly string[]).includes(how)).length;
        assert.partialDeepStrictEqual(job.items, { failed: failing });
        assert.deepEqual(job.result?.body, {
          sum: events.reduce((sum, { how, n }) => sum + (jsonResult(how, n)?.twice ?? 0), 0),
        });
        const { items = [] } = (await ask(`${location}/results?limit=100`)) as { items?: readonly Item[] };
        const results = Object.fromEntries(items.map(({ index, result }) => [index, result]));
        for (const [index, { how, n }] of events.entries()) {
          const kept = results[index];
          if (GIVES_JSON.has(how)) assert.deepEqual(kept, { twice: 2 * n }, `${how} of item ${index}`);
        }
        const bytes = mix.indexOf('bytes');
        if (bytes === -1) return;
        const answer = await fetch(`${platform.addresses.public}${location}/results/${bytes}`);
        assert.equal(await answer.text(), `twice ${2 * (first + bytes)}`);
      });

      it(`of a Queue's jobs, ${way}: ${name}`, async () => {
        await Promise.all(
          events.map(async ({ how, n }) => {
            const { location } = (await (await post(`/${way}/jobs`, { how, n })).json()) as { location: string };
            let job: Answer = {};
            await eventually(async () => {
              job = await ask(`${location}?wait=5`);
              return job.state === 'succeeded' || job.state === 'failed';
            }, `the job "${how}" ends`);
            assert.equal(job.state, (FAILING as readonly string[]).includes(how) ? 'failed' : 'succeeded', how);
            if (GIVES_JSON.has(how)) assert.deepEqual(job.result?.body, { twice: 2 * n }, how);
            if (how !== 'bytes') return;
            const answer = await fetch(`${platform.addresses.public}${location}/result`);
            assert.equal(await answer.text(), `twice ${2 * n}`);
          }),
        );
      });

      it(`of a Subscription's events and a Pipeline's, ${way}: ${name}`, async () => {
        heard.delete(`reply-${way}`);
        heard.delete(`mapped-${way}`);
        for (const data of events) await post(`/${way}/in`, data);
        const replies = events.filter(({ how }) => IS_EVENT.has(how)).map(({ n }) => ({ twice: 2 * n }));
        const bytes = events.filter(({ how }) => how === 'bytes').map(({ n }) => `twice ${2 * n}`);
        const all = sorted([...replies, ...bytes]);
        const told = () => heard.get(`reply-${way}`) ?? [];
        await eventually(() => told().length >= all.length, `${all.length} replies of ${way}`);
        assert.deepEqual(sorted(told()), all);
        if (way === 'batch') return;
        const json = events.flatMap(({ how, n }) => jsonResult(how, n) ?? []);
        const mapped = () => (heard.get(`mapped-${way}`) ?? []).filter(each => typeof each === 'object');
        await eventually(() => mapped().length >= json.length, `${json.length} of the pipeline of ${way}`);
        assert.deepEqual(sorted(mapped()), sorted(json));
        for (const { twice } of json) {
          const row = () => ask(`/${way}/seen?key=${twice}`);
          await eventually(async () => (await row()).twice === twice, `row ${twice} of the view of ${way}`);
        }
      });
    }
});
