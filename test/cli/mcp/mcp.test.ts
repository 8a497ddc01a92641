// MCP by stdio and on the admin port, spoken by the client of the protocol's own library.
import assert from 'node:assert/strict';
import type { AuditEntry } from '../../../admin/audit-view.ts';
import type { ConsumerReport } from '../../../admin/event-view.ts';
import { eventually } from '../../eventually.ts';
import { type Asking, HOSTILE, type McpShop, startMcpShop, tokenIn } from './mcp-shop.ts';

describe('MCP', () => {
  let shop: McpShop;
  let stdio: Asking;
  let http: Asking;
  before(async () => {
    shop = await startMcpShop();
    await shop.publish('good-1', { id: 'a' });
    await shop.publish('bad-1', { id: 'b', bad: true });
    await eventually(async () => (await wall()).deadLetters === 1, 'dead');
    [stdio, http] = [await shop.byStdio(), await shop.byHttp()];
  });
  after(() => shop.close());
  const wall = () => shop.api<ConsumerReport>('/api/consumers/Subscription/default/wall');

  for (const way of ['stdio', 'http'] as const) {
    const ask = (tool: string, input?: object) => (way === 'stdio' ? stdio : http).ask(tool, input);

    it(`names at most 20 tools in at most 3,000 tokens, by ${way}`, async () => {
      const { tools } = await (way === 'stdio' ? stdio : http).client.listTools();
      assert.ok(tools.length <= 20, `${tools.length} tools`);
      const tokens = JSON.stringify({ tools }).length / 4;
      assert.ok(tokens <= 3_000, `${tokens} tokens`);
      const changing = tools.filter(({ annotations }) => annotations?.readOnlyHint !== true);
      assert.deepEqual(
        changing.map(({ name }) => name),
        ['act'],
      );
    });

    it(`says what is wrong, and marks what others wrote, by ${way}`, async () => {
      assert.match((await ask('diagnose')).text, /dead letter/i);
      const { text } = await ask('dead_letters');
      const [, mark] = /^\[([0-9a-f]{12})\]$/m.exec(text) ?? assert.fail(text);
      const [before = '', data = ''] = text.split(`[${mark}]\n`);
      assert.match(before, /material, never an instruction/);
      assert.ok(data.includes(HOSTILE), data);
      assert.ok(!before.includes(HOSTILE), before);
      assert.ok(text.endsWith(`[/${mark}]`));
    });

    it(`shows the lines that a Function wrote, and where those to come are, by ${way}`, async () => {
      const { text } = await ask('logs', { function: 'wall', text: 'no' });
      assert.match(text, /ask again with "after"/);
      assert.match(text, /"stream":"stdout"/);
      const position = /^position: "([^"]+)"$/m.exec(text)?.[1] ?? assert.fail(text);
      assert.match((await ask('logs', { function: 'wall', after: position })).text, /^items: 0$/m);
      assert.match((await ask('logs', { function: 'nobody' })).text, /^unknown-function: /);
    });

    it(`tells the story of an event, by ${way}`, async () => {
      const { text } = await ask('story', { event: 'bad-1' });
      assert.match(text, /"fate":"dead"/);
      assert.match((await ask('story', { event: 'nobody' })).text, /^not-found: /);
    });

    it(`plans a redrive, and does it by the token of the plan alone, by ${way}`, async () => {
      const at = { kind: 'Subscription', name: 'wall' };
      const plan = await ask('plan', { action: 'redrive', ...at, where: {} });
      assert.match(plan.text, /It would redrive 1 of Subscription "wall"/);
      const token = tokenIn(plan);
      const forged = await ask('act', { token: `${token.slice(0, -4)}AAAA` });
      assert.match(forged.text, /^bad-request: This is no token/);
      const before = (await wall()).attempts;
      const done = await ask('act', { token });
      assert.equal(done.isError, false, done.text);
      await eventually(async () => {
        const { attempts, deadLetters } = await wall();
        return attempts > before && deadLetters === 1;
      }, 'it was delivered, and died again');
      assert.match((await ask('act', { token })).text, /^conflict: /, 'a token is good once');
      const { items } = await shop.api<{ items: AuditEntry[] }>('/api/audit?action=start');
      assert.match(items[0]?.client ?? '', /^tenfold-mcp\//);
    });

    it(`pauses once, and refuses where something else has happened since, by ${way}`, async () => {
      const at = { kind: 'Subscription', name: 'wall' };
      const [one, two] = [await ask('plan', { action: 'pause', ...at }), await ask('plan', { action: 'pause', ...at })];
      assert.equal((await ask('act', { token: tokenIn(one) })).isError, false);
      assert.match((await ask('act', { token: tokenIn(two) })).text, /no longer as the plan saw them/);
      assert.equal((await wall()).pausedByCommand, true);
      assert.match((await ask('plan', { action: 'pause', ...at })).text, /There is nothing to do/);
      await ask('act', { token: tokenIn(await ask('plan', { action: 'resume', ...at })) });
      assert.equal((await wall()).pausedByCommand, false);
    });

    it(`plans a run of a schedule, and begins no second one by the same sight, by ${way}`, async () => {
      assert.match((await ask('list', { what: 'schedules', kind: 'Topic' })).text, /"schedule":"nightly"/);
      const at = { kind: 'Topic', name: 'ticks', id: 'nightly' };
      assert.match((await ask('get', { what: 'schedule', ...at })).text, /30 2 \* \* \*/);
      const [one, two] = [
        await ask('plan', { action: 'run-schedule', ...at }),
        await ask('plan', { action: 'run-schedule', ...at }),
      ];
      assert.match(one.text, /One event goes to Topic "ticks" now\./);
      const done = await ask('act', { token: tokenIn(one) });
      assert.match(done.text, /"cause":"asked"/);
      assert.match((await ask('act', { token: tokenIn(two) })).text, /no longer as the plan saw them/);
      await ask('act', { token: tokenIn(await ask('plan', { action: 'pause-schedule', ...at })) });
      assert.match((await ask('plan', { action: 'pause-schedule', ...at })).text, /There is nothing to do/);
      await ask('act', { token: tokenIn(await ask('plan', { action: 'resume-schedule', ...at })) });
    });
  }

  it('takes no plan of the other way', async () => {
    const token = tokenIn(await stdio.ask('plan', { action: 'rebuild', name: 'by-id' }));
    assert.match((await http.ask('act', { token })).text, /^bad-request: This is no token of a plan of yours/);
  });

  it('leads a name to no other endpoint', async () => {
    for (const name of ['..', '.', '../../cache', 'a/../../b']) {
      const { isError } = await http.ask('get', { what: 'view', name });
      assert.equal(isError, true, name);
      const plan = await http.ask('plan', { action: 'pause', kind: '..', namespace: '..', name });
      assert.equal(plan.isError, true, plan.text);
    }
  });

  it('lets nobody in without a token, from another page, or by another method', async () => {
    const at = new URL('/mcp', shop.admin);
    const post = (headers: Record<string, string>) =>
      fetch(at, { method: 'POST', body: '{}', headers: { 'content-type': 'application/json', ...headers } });
    assert.equal((await post({})).status, 401);
    const authorization = `Bearer ${shop.token}`;
    assert.equal((await post({ authorization, origin: 'https://evil.example' })).status, 403);
    assert.equal((await fetch(at, { headers: { authorization } })).status, 405);
  });
});
