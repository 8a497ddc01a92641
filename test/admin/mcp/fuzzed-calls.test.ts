// Calls of tools that nobody would make: whatever an agent sends, nothing is changed but by the
// token of a plan, no answer is too long, and none is an error of our own.
import assert from 'node:assert/strict';
import { Client, InMemoryTransport } from '@modelcontextprotocol/client';
import fc from 'fast-check';
import { apiRoutes } from '../../../admin/internal/api-routes.ts';
import type { ApiCalls } from '../../../admin/mcp/api-calls.ts';
import { createDocs } from '../../../admin/mcp/docs-search.ts';
import { createMcpServer } from '../../../admin/mcp/mcp-server.ts';
import { createUsedPlans } from '../../../admin/mcp/plans/used-plans.ts';
import { MOST_CHARACTERS } from '../../../admin/mcp/render-answer.ts';
import { templateOf } from '../../../admin/routing/openapi.ts';
import { packageFile } from '../../../server/package-file.ts';

const CALLS = Number(process.env['MCP_CALLS'] ?? 3_000);
const SEED = Number(process.env['SEED'] ?? 1);
const RIGHTS = ['view', 'operate', 'administer'];

/** What plans look at, of all kinds at once. */
const FACTS = {
  ...{ name: 'admin token', everywhere: RIGHTS, namespaces: [] },
  ...{ id: 'op-1', state: 'planned', total: 3, left: 3, action: 'redrive', token: 'secret' },
  ...{ pausedByCommand: false, lag: 1, inFlight: 0, target: 'function wall', replayOf: 'wall' },
  ...{ generation: '1', building: undefined, answers: 4, features: [] },
  features: [{ name: 'orders', phase: 'canary', percent: 5, moves: [] }],
  ...{ redriven: 0, items: [], findings: [], looked: [] },
};

/** Records what it is asked to change; undefined for paths that are none of the API. */
function recording(changed: string[]): ApiCalls {
  const note = (method: string, where: string) => {
    const { pathname } = new URL(`http://admin/api/${where}`);
    const found = apiRoutes.find(each => each.method === method && matches(each.path, pathname));
    assert.ok(found, `${method} ${pathname} is none of the API`);
    const isPlan = method === 'POST' && found.path === '/operations';
    if (method !== 'GET' && !found.asks && !isPlan) changed.push(`${method} ${pathname}`);
  };
  return {
    async call<T>(method: string, where: string) {
      note(method, where);
      return FACTS as T;
    },
    async *lines<T>(method: string, where: string) {
      note(method, where);
      yield { kind: 'rows', rows: [[1, 'x'.repeat(50_000)]] } as T;
      yield { kind: 'done', rows: 1, tookMs: 1 } as T;
    },
  };
}

function matches(path: string, pathname: string): boolean {
  const parts = `/api${templateOf(path)}`.split('/');
  const given = pathname.split('/');
  return parts.length === given.length && parts.every((part, at) => part.startsWith('{') || part === given[at]);
}

const word = fc.constantFrom(
  'default',
  'wall',
  'orders',
  '..',
  '.',
  '',
  '%2e%2e',
  '../cache',
  'a/b',
  'Subscription',
  'x'.repeat(300),
);
const value = fc.oneof(
  word,
  fc.string(),
  fc.integer(),
  fc.boolean(),
  fc.constant({}),
  fc.constant(['0-1']),
  fc.dictionary(fc.string(), fc.string(), { maxKeys: 3 }),
  fc.jsonValue(),
);

describe('fuzzed calls of tools', () => {
  const changed: string[] = [];
  const faults: unknown[] = [];
  let client: Client;
  let arbitrary: fc.Arbitrary<{ name: string; arguments: Record<string, unknown> }>;
  const tokens: string[] = [];

  before(async () => {
    const host = {
      api: recording(changed),
      secret: Buffer.from('a secret of this test'),
      used: createUsedPlans(),
      docs: createDocs(packageFile('docs/reference')),
      now: () => 0,
    };
    const [here, there] = InMemoryTransport.createLinkedPair();
    await createMcpServer(host, '1', error => faults.push(error)).connect(there);
    client = new Client({ name: 'test', version: '1' });
    await client.connect(here);
    const { tools } = await client.listTools();
    const calls = tools.map(({ name, inputSchema }) => {
      const members = Object.entries(inputSchema.properties ?? {});
      const given = Object.fromEntries(members.map(([member, schema]) => [member, toValue(schema)]));
      return fc.record({ name: fc.constant(name), arguments: fc.record(given, { requiredKeys: [] }) });
    });
    const kind = fc.constantFrom('Subscription', 'Queue', undefined);
    const action = fc.constantFrom('pause', 'resume', 'rebuild', 'redrive', 'purge', 'end-replay', 'pause-operation');
    const whole = fc.record(
      { action, kind, name: fc.constant('wall'), where: fc.constant({}), id: fc.constant('op-1') },
      { requiredKeys: ['action'] },
    );
    const acts = fc.record({ token: fc.oneof(fc.string(), fc.base64String(), fc.constant('e30.e30')) });
    arbitrary = fc.oneof(
      ...calls,
      fc.record({ name: fc.constant('plan'), arguments: whole }),
      fc.record({ name: fc.constant('act'), arguments: acts }),
    );
  });
  after(() => client.close());
  beforeEach(() => changed.splice(0));

  /** One of what the schema names, mostly. */
  function toValue(schema: unknown): fc.Arbitrary<unknown> {
    const isObject = typeof schema === 'object' && schema !== null;
    const options = isObject && 'enum' in schema && Array.isArray(schema.enum) ? schema.enum : undefined;
    if (options !== undefined) return fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...options) }, value);
    return value;
  }

  const call = async (request: { name: string; arguments: Record<string, unknown> }) => {
    const answer = await client.callTool(request).catch((error: unknown) => ({ content: [], refused: error }));
    const text = answer.content.map(each => ('text' in each ? each.text : '')).join('');
    assert.ok(text.length <= MOST_CHARACTERS, `${text.length} characters`);
    assert.deepEqual(faults, []);
    const token = /\{"token": "([^"]+)"\}/.exec(text)?.[1];
    if (token !== undefined && tokens.length < 100) tokens.push(token);
    return text;
  };

  it(`change nothing without a token, in ${CALLS} calls (seed ${SEED})`, async () => {
    await fc.assert(
      fc.asyncProperty(arbitrary, async request => {
        await call(request);
        assert.deepEqual(changed, []);
      }),
      { numRuns: CALLS, seed: SEED },
    );
    assert.ok(tokens.length > 0, 'some of the calls were whole plans');
  });

  it('change nothing by a token of which a letter is another', async () => {
    const [token = assert.fail()] = tokens;
    for (let at = 0; at < token.length; at++) {
      const other = token[at] === 'A' ? 'B' : 'A';
      // The last letter has bits that mean nothing.
      await call({ name: 'act', arguments: { token: `${token.slice(0, at)}${other}${token.slice(at + 1)}` } });
    }
    assert.deepEqual(changed, []);
  });

  it('change one thing by the token of a plan', async () => {
    const at = { kind: 'Subscription', name: 'wall' };
    const text = await call({ name: 'plan', arguments: { action: 'pause', ...at } });
    const token = /\{"token": "([^"]+)"\}/.exec(text)?.[1];
    await call({ name: 'act', arguments: { token } });
    assert.deepEqual(changed, ['POST /api/consumers/Subscription/default/wall/pause']);
  });
});
