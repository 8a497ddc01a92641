// Tasks of operation, carried out by a scripted client that reads only what tools answer: what it
// asks next it takes from the text of an earlier answer.
import assert from 'node:assert/strict';
import { eventually } from '../../eventually.ts';
import { type Asking, type McpAnswer, type McpShop, startMcpShop, tokenIn } from './mcp-shop.ts';

const WALL = { kind: 'Subscription', name: 'wall' };
const SLOW = { kind: 'Subscription', name: 'slow' };

describe('with MCP alone, an agent', () => {
  let shop: McpShop;
  let agent: Asking;
  before(async () => {
    shop = await startMcpShop();
    for (const id of ['b1', 'b2', 'b3', 'b4']) await shop.publish(`bad-${id}`, { id, bad: true });
    for (let n = 0; n < 30; n++) await shop.publish(`good-${n}`, { id: `g${n}`, text: 'x'.repeat(2_000) });
    agent = await shop.byStdio();
    await until('dead_letters', { ...WALL, by: 'cause' }, /"count":4/);
    await until('query_view', { name: 'by-id', query: { key: 'g29' } }, /good-29|"g29"/);
  });
  after(() => shop.close());

  const tell = async (tool: string, input: object = {}): Promise<string> => {
    const { text, isError } = await agent.ask(tool, input);
    assert.equal(isError, false, text);
    assert.ok(text.length / 4 <= 4_000, `${text.length / 4} tokens`);
    return text;
  };
  const until = async (tool: string, input: object, pattern: RegExp): Promise<string> => {
    let last: McpAnswer = { text: '', isError: false };
    await eventually(
      async () => {
        last = await agent.ask(tool, input);
        return pattern.test(last.text);
      },
      () => `${pattern} in ${last.text}`,
    );
    return last.text;
  };
  const take = (text: string, pattern: RegExp): string => pattern.exec(text)?.[1] ?? assert.fail(`${pattern}: ${text}`);
  const plan = async (input: object): Promise<{ text: string; token: string }> => {
    const answer = await agent.ask('plan', input);
    return { text: answer.text, token: tokenIn(answer) };
  };
  const act = (token: string) => tell('act', { token });

  const tasks: Readonly<Record<string, () => Promise<unknown>>> = {
    'learns as whom it acts': async () => assert.match(await tell('whoami'), /"name":"admin token"/),
    'finds what is wrong, and who waits for it': async () => {
      const text = await tell('diagnose');
      assert.match(text, /"name":"wall"/);
      assert.match(text, /"name":"slow"/);
    },
    'learns what a consumer does': async () =>
      assert.match(await tell('get', { what: 'consumer', ...WALL }), /deadLetters: 4/),
    'counts dead letters by consumer': async () =>
      assert.match(await tell('dead_letters', { by: 'consumer' }), /"name":"wall"/),
    'finds the cause of the failures': async () =>
      assert.match(await tell('dead_letters', { ...WALL, by: 'cause' }), /"cause":"[^"]+"/),
    'reads a dead letter whole': async () => {
      const id = take(await tell('dead_letters', WALL), /"id":"(\d+-\d+)"/);
      assert.match(await tell('get', { what: 'dead_letter', ...WALL, id }), /bad/);
    },
    'follows a dead letter to its story by its place': async () => {
      const id = take(await tell('dead_letters', WALL), /"id":"(\d+-\d+)"/);
      assert.match(await tell('story', { event: id, topic: 'orders' }), /"fate":"dead"/);
    },
    'finds an event by its id': async () =>
      assert.match(await tell('story', { event: 'good-7' }), /"fate":"delivered"|"fate":"done"|"consumer"/),
    'shows what is parked, and since when': async () =>
      assert.match(await tell('parked', SLOW), /bad-b1|"id":"\d+-\d+"/),
    'shows a parked key whole': async () => {
      const id = take(await tell('parked', SLOW), /"id":"(\d+-\d+)"/);
      await tell('get', { what: 'parked_key', ...SLOW, id });
    },
    'reads an answer that is too long to its end': async () => {
      const first = await tell('events', { topic: 'orders', from: 'earliest', limit: 40 });
      const parts = Number(take(first, /This is part 1 of (\d+)/));
      let whole = first;
      for (let part = 2; part <= parts; part++)
        whole += await tell('events', { topic: 'orders', from: 'earliest', limit: 40, part });
      for (let n = 0; n < 30; n++) assert.match(whole, new RegExp(`"good-${n}"`));
    },
    'reads a list page by page': async () => {
      const first = await tell('events', { topic: 'orders', from: 'earliest', limit: 3 });
      const after = take(first, /^next: "([^"]+)"/m);
      assert.match(await tell('events', { topic: 'orders', limit: 3, after }), /bad-b4/);
    },
    'asks a View': async () =>
      assert.match(await tell('query_view', { name: 'by-id', query: { keys: ['g3', 'g4'] } }), /g3[\s\S]*g4/),
    'explains a route': async () =>
      assert.match(await tell('explain_route', { method: 'POST', path: '/orders' }), /topic orders|orders/),
    'sees what leads to what': async () => assert.match(await tell('graph', {}), /wall/),
    'redrives one dead letter': async () => {
      const id = take(await tell('dead_letters', WALL), /"id":"(\d+-\d+)"/);
      const { text, token } = await plan({ action: 'redrive', ...WALL, ids: [id] });
      assert.match(text, /redrive 1 of/);
      const attempts = Number(take(await tell('get', { what: 'consumer', ...WALL }), /attempts: (\d+)/));
      await act(token);
      await until('get', { what: 'consumer', ...WALL }, new RegExp(`inFlight: 0[^]*attempts: ${attempts + 1}\\b`));
    },
    'mends the data of one, and it is delivered': async () => {
      const id = take(await tell('dead_letters', WALL), /"id":"(\d+-\d+)"/);
      const { token } = await plan({ action: 'edit', ...WALL, ids: [id], merge: { bad: false } });
      await act(token);
      await until('get', { what: 'consumer', ...WALL }, /deadLetters: 3/);
    },
    'skips all of one cause, by its group': async () => {
      const groups = await tell('dead_letters', { ...WALL, by: 'cause' });
      const [group, count] = [take(groups, /"id":"([0-9a-f]+)"/), take(groups, /"count":(\d+)/)];
      const { text, token } = await plan({ action: 'skip', ...WALL, where: { group } });
      assert.match(text, new RegExp(`skip ${count} of`));
      await act(token);
    },
    'purges what is older, and learns that nothing is': async () => {
      const { text } = await agent.ask('plan', { action: 'purge', ...WALL, where: { olderThan: '7d' } });
      assert.match(text, /There is nothing to do/);
    },
    'purges dead letters, slowly, and stops it': async () => {
      const { token } = await plan({ action: 'purge', ...WALL, where: {}, rate: 1 });
      const id = take(await act(token), /^id: "([^"]+)"/m);
      const paused = await agent.ask('plan', { action: 'pause-operation', id });
      if (!paused.isError) await agent.ask('act', { token: tokenIn(paused) });
      const stop = await agent.ask('plan', { action: 'stop-operation', id });
      if (!stop.isError) await agent.ask('act', { token: tokenIn(stop) });
      const hasEnded = async () => /state: "(stopped|done)"/.test(await tell('get', { what: 'operation', id }));
      await eventually(hasEnded, 'it has ended');
    },
    'tries a parked key now': async () => {
      const { text, token } = await plan({ action: 'retry-now', ...SLOW, where: {} });
      assert.match(text, /retry-now \d+ of/);
      await act(token);
    },
    'pauses a consumer and resumes it': async () => {
      await act((await plan({ action: 'pause', ...WALL })).token);
      assert.match(await tell('get', { what: 'consumer', ...WALL }), /pausedByCommand: true/);
      await act((await plan({ action: 'resume', ...WALL })).token);
      assert.match(await tell('get', { what: 'consumer', ...WALL }), /pausedByCommand: false/);
    },
    'replays a Subscription, and ends the replay': async () => {
      const name = take(
        await act((await plan({ action: 'replay', name: 'wall', from: 'earliest' })).token),
        /^name: "([^"]+)"/m,
      );
      await act((await plan({ action: 'end-replay', name })).token);
    },
    'rebuilds a View': async () => {
      await act((await plan({ action: 'rebuild', name: 'by-id' })).token);
      await until('get', { what: 'view', name: 'by-id' }, /state: "running"/);
    },
    'finds in the audit log what it has done': async () =>
      assert.match(await tell('audit', { action: 'rebuild' }), /tenfold-mcp/),
    'finds in the documentation what a word means, and checks resources': async () => {
      const page = take(await tell('docs', { search: 'redrive dead letter' }), /"page":"([^"]+)"/);
      await tell('docs', { page });
      assert.match(await tell('validate', {}), /No problems/);
      const topic = 'apiVersion: tenfold.dev/v1alpha1\nkind: Topic\nmetadata: { name: new }\nspec: ';
      assert.match(await tell('validate', { yaml: `${topic}{}` }), /No problems/);
      assert.match(await tell('validate', { yaml: `${topic}{ partition: 3 }` }), /partitions/);
      assert.match((await agent.ask('validate', { yaml: 'kind: Nothing' })).text, /^invalid-resource: /);
    },
  };

  for (const [task, carryOut] of Object.entries(tasks)) it(task, carryOut);
});
