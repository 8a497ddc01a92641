// A secret in a sensitive field, published to a whole platform, is in no answer by which people see
// events: it is looked for in each GET of the admin API and each reading tool of MCP.
import assert from 'node:assert/strict';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { type Platform, startPlatform } from '../../../../server/platform.ts';
import { removeTempFolders, tempFolder } from '../../../cli/temp-folder.ts';
import { eventually } from '../../../eventually.ts';

const SECRET = 'zQ4111zQ';
const MARKED = 'schema: { type: object, properties: { card: { type: string, x-sensitive: true } } }';
const ONCE = 'retry: { attempts: 1 }';
const LATER = 'retry: { attempts: 9, initial: 1h, max: 1h }';
const APP = [
  `kind: Topic; metadata: { name: orders }; spec: { partitions: 1, ${MARKED} }`,
  'kind: Api; metadata: { name: shop }; spec: { routes: [{ match: { path: /orders }, to: { topic: orders } }, { match: { path: /work }, to: { queue: work } }] }',
  'kind: Topic; metadata: { name: lost }; spec: { partitions: 1 }',
  'kind: Topic; metadata: { name: copies }; spec: { partitions: 1 }',
  'kind: Subscription; metadata: { name: copy }; spec: { topic: orders, to: { topic: copies } }',
  `kind: Subscription; metadata: { name: wall }; spec: { topic: orders, to: { function: wall }, deadLetter: { topic: lost }, ${ONCE} }`,
  `kind: Subscription; metadata: { name: slow }; spec: { topic: orders, to: { function: wall }, ${LATER} }`,
  'kind: Subscription; metadata: { name: on }; spec: { topic: orders, to: { queue: fed } }',
  `kind: Queue; metadata: { name: work }; spec: { to: { function: wall }, ${MARKED}, ${ONCE} }`,
  `kind: Queue; metadata: { name: fed }; spec: { to: { function: wall }, ${ONCE} }`,
  'kind: View; metadata: { name: seen }; spec: { from: [orders], table: { key: "${event.data.none}" } }',
  'kind: Pipeline; metadata: { name: cut }; spec: { from: { topic: orders, start: earliest }, steps: [{ filter: "${event.data.none > 1}" }], to: [{ function: wall }] }',
  `kind: Pipeline; metadata: { name: ask }; spec: { from: { topic: orders, start: earliest }, to: [{ function: wall }], ${ONCE} }`,
  'kind: Pipeline; metadata: { name: kept }; spec: { from: { topic: orders, start: earliest }, to: [{ archive: { roll: { every: 1d } } }] }',
  `kind: FanOut; metadata: { name: parts }; spec: { "on": { topic: orders }, split: "\${[event.data]}", worker: { function: wall, ${ONCE} } }`,
  'kind: Function; metadata: { name: wall }; spec: { source: ./wall.ts }',
]
  .map(document => `apiVersion: tenfold.dev/v1alpha1\n${document.replaceAll('; ', '\n')}`)
  .join('\n---\n');
const WALL = `export default () => { throw new Error('the screen is dark'); };\n`;
/** These need a resource that this platform does not have. */
const SILENT = ['aggregates', 'stranglers', 'schedules'];
/** These tools give what their input holds, or what a View keeps, or read no events. */
const OTHER_TOOLS = ['docs', 'validate', 'explain_route', 'plan', 'act', 'query_view', 'sql'];

/** These have all sorts of things among them: a call takes long. */
const FEW = new Set(['orders', 'slow', 'work', 'parts']);

/** The members that fill a path: one thing that the platform has. */
type Thing = Readonly<Record<string, string>>;
interface Listed {
  readonly id: string;
  readonly consumer: { readonly kind: string; readonly name: string };
  readonly queue: string;
  readonly fanOut: string;
}

describe('a sensitive value', () => {
  let platform: Platform;
  let client: Client;
  const lines: string[] = [];
  const things: Thing[] = ['orders', 'shop', 'seen', 'cut', 'wall'].map(name => ({ name, id: '0-0' }));

  const call = async (path: string, body?: object) => {
    const headers = { authorization: `Bearer ${platform.adminToken}`, 'content-type': 'application/json' };
    const sent = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
    const answer = await fetch(`${platform.addresses.admin}/api${path}`, { headers, ...sent });
    if (answer.headers.get('content-type') !== 'text/event-stream') {
      return { status: answer.status, text: await answer.text() };
    }
    const reader = answer.body?.getReader();
    const { value } = (await reader?.read()) ?? {};
    await reader?.cancel();
    return { status: answer.status, text: Buffer.from(value ?? '').toString() };
  };
  const list = async (path: string): Promise<Listed[]> => JSON.parse((await call(path)).text).items;

  before(async () => {
    const ports = { public: 0, internal: 0, admin: 0 };
    const directory = tempFolder({ 'app.yaml': APP, 'wall.ts': WALL });
    const events = { gatewayLog: (...line: unknown[]) => lines.push(JSON.stringify(line)) };
    platform = await startPlatform({ directory, watch: false, host: '127.0.0.1', ports, events });
    const body = JSON.stringify({ card: SECRET, cups: 2 });
    for (const path of ['/orders', '/work']) {
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(platform.addresses.public + path, { method: 'POST', headers, body });
      assert.ok(answer.ok, await answer.text());
    }
    const wanted = ['wall', 'work', 'fed', 'seen', 'cut', 'ask/call0', 'parts'];
    const stuck = async () => [...(await list('/dead-letters')), ...(await list('/parked'))];
    await eventually(async () => {
      const names = new Set((await stuck()).map(({ consumer }) => consumer.name));
      return [...wanted, 'slow'].every(name => names.has(name));
    }, 'each consumer has given it up, or tries again');
    for (const { consumer, id } of await stuck()) things.push({ ...consumer, id });
    for (const { queue, id } of await list('/jobs')) things.push({ queue, id });
    for (const { fanOut, id } of await list('/fan-outs/jobs')) things.push({ fanOut, id });
    const edit = { action: 'edit', kind: 'Subscription', name: 'wall', query: {}, edit: { merge: { card: SECRET } } };
    const planned = await call('/operations', edit);
    things.push({ operation: JSON.parse(planned.text).id });
    client = new Client({ name: 'test', version: '1' });
    const requestInit = { headers: { authorization: `Bearer ${platform.adminToken}` } };
    await client.connect(new StreamableHTTPClientTransport(new URL('/mcp', platform.addresses.admin), { requestInit }));
  });
  after(async () => {
    await client.close();
    await platform.close(1000);
    removeTempFolders();
  });

  it('is in no answer of the admin API that reads', async () => {
    const { paths } = JSON.parse((await call('/openapi.json')).text) as { paths: Record<string, { get?: object }> };
    const silent: string[] = [];
    let masked = 0;
    for (const path of Object.keys(paths).filter(each => paths[each]?.get !== undefined)) {
      let answered = 0;
      for (const one of filled(path, things)) {
        const { status, text } = await call(one);
        assert.ok(!text.includes(SECRET), `${one}: ${text}`);
        if (status === 200) answered++;
        if (text.includes('***')) masked++;
      }
      if (answered === 0) silent.push(path);
    }
    assert.deepEqual(
      silent.filter(path => !SILENT.includes(path.split('/')[1] ?? '')),
      [],
      'each endpoint has answered',
    );
    assert.ok(masked >= 6, `${masked} answers have a masked value`);
    const follow = await call('/topics/default/orders/follow', { from: 'earliest', follow: false });
    assert.match(follow.text, /"card":"\*\*\*"/);
    const search = await call('/topics/default/orders/follow', {
      from: 'earliest',
      follow: false,
      filter: `event.data.card == "${SECRET}"`,
    });
    assert.doesNotMatch(search.text, /"kind":"event"/);
  });

  it('is not in the Topics that get these events, or those that are given up', async () => {
    for (const topic of ['lost', 'copies']) {
      const events = () => call(`/topics/default/${topic}/events`);
      await eventually(async () => /"items":\[\{/.test((await events()).text), topic);
      const { text } = await events();
      assert.match(text, /"card":"\*\*\*"/, text);
    }
  });

  it('is in no row of an archive, and a note says so', async () => {
    const sql = `SELECT id, data, bytes FROM kept WHERE data IS NULL OR data LIKE '%${SECRET.slice(0, 3)}%'`;
    await eventually(
      async () => /"rows":1[,}]/.test((await call('/sql', { namespace: 'default', sql })).text),
      'a row',
    );
    const { text } = await call('/sql', { namespace: 'default', sql });
    assert.match(text, /"kind":"note".*not shown/);
    assert.match(text, /,null,null\]/);
    assert.ok(!text.includes(SECRET), text);
  });

  it('is in no answer of a tool of MCP that reads', async () => {
    const { tools } = await client.listTools();
    const few = things.filter(({ name, queue, fanOut }) => FEW.has(name ?? queue ?? fanOut ?? ''));
    for (const { name, inputSchema } of tools.filter(each => !OTHER_TOOLS.includes(each.name))) {
      const properties = (inputSchema.properties ?? {}) as Record<string, { enum?: string[] }>;
      let answered = 0;
      for (const input of inputsFor(properties, few)) {
        const { content, isError } = await client.callTool({ name, arguments: input });
        assert.ok(!JSON.stringify(content).includes(SECRET), `${name} ${JSON.stringify(input)}`);
        if (!isError) answered++;
      }
      assert.ok(answered > 0, `${name} has answered`);
    }
  });

  it('is in no line of the log', () => {
    assert.ok(lines.length > 0);
    assert.deepEqual(
      lines.filter(line => line.includes(SECRET)),
      [],
    );
  });
});

/** The path with the names of each thing that has all of them, and with what its query needs. */
function filled(path: string, things: readonly Thing[]): string[] {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  if (path === '/events') return things.map(({ id }) => `${path}?namespace=default&id=${id}`);
  if (path === '/dead-letters/groups') return [`${path}?kind=Subscription&name=wall`];
  if (names.length === 0) return [path];
  const isOperation = path.startsWith('/operations');
  return things.flatMap(thing => {
    const { operation } = thing;
    const known: Thing = { namespace: 'default', ...thing, ...(isOperation && operation ? { id: operation } : {}) };
    if (names.some(name => known[name] === undefined)) return [];
    return [path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(known[name] ?? ''))];
  });
}

function inputsFor(properties: Record<string, { enum?: string[] }>, things: readonly Thing[]): Thing[] {
  const has = (name: string) => name in properties;
  const whats = properties['what']?.enum ?? [];
  const bys = properties['by']?.enum ?? [];
  if (has('id') && has('kind')) {
    return whats.flatMap(what =>
      things.map(({ kind = 'Topic', name, queue, fanOut, id = '' }) => {
        return { what, kind, name: name ?? queue ?? fanOut ?? '', id };
      }),
    );
  }
  return [
    {},
    ...(has('event') ? [{ event: '0-0', topic: 'orders' }] : []),
    ...(has('topic') ? [{ topic: 'orders' }] : []),
    ...(has('function') ? [{ function: 'wall' }] : []),
    ...bys.map(by => ({ by, kind: 'Subscription', name: 'wall' })),
    ...whats.map(what => ({ what })),
  ];
}
