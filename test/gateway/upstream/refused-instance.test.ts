// One instance that ends or is full refuses by itself: that holds back nobody from the other
// instances of its function.
import assert from 'node:assert/strict';
import { http } from 'tenfold';
import { realWorld } from '../../../core/world.ts';
import { createCaller } from '../../../server/events/callers.ts';
import { eventually } from '../../eventually.ts';
import { gate, type RunningFunction, runFunction, stopFunctions } from '../../runtime/running-function.ts';
import { serveYaml } from '../serve-yaml.ts';

const yaml = `
apiVersion: tenfold.dev/v1alpha1
kind: Function
metadata: { name: orders }
spec: { source: ./orders.ts }
---
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: shop }
spec: { routes: [ { match: { path: /* }, to: { function: orders } } ] }
`;

describe('a refusal of one instance', () => {
  let served: Awaited<ReturnType<typeof serveYaml>>;
  /** The instance that gets the next calls. */
  let at: RunningFunction;

  beforeEach(async () => {
    const functions = {
      get orders() {
        return at.url;
      },
    };
    served = await serveYaml(yaml, { functions });
  });
  afterEach(async () => {
    await served.close();
    await stopFunctions();
  });
  const hanging = () => {
    const started = gate();
    const fn = http(() => {
      started.open();
      return new Promise(() => {});
    });
    return { started, fn };
  };
  const ask = () => fetch(`${served.address}/`);
  const isMarked = (answer: Response) => [...answer.headers.keys()].some(name => name.startsWith('tenfold-'));
  const pausedMs = () => served.functionTarget('default', 'orders')?.restsForMs?.();

  it('that drains is passed on without its mark, and the other one is called at once', async () => {
    const { started, fn } = hanging();
    const first = await runFunction(fn);
    const second = await runFunction(() => 'well');
    at = first;
    const cut = ask();
    await started.passed;
    at = second;
    assert.equal(await first.drain(0), 1);
    const refused = await cut;
    assert.deepEqual([refused.status, refused.headers.get('retry-after'), isMarked(refused)], [503, '1', false]);
    assert.equal(pausedMs(), 0);
    assert.equal(await (await ask()).text(), 'well');
  });

  it('that is full is one too, also for an event', async () => {
    const { started, fn } = hanging();
    const first = await runFunction(fn, { concurrency: 1, queue: 0 });
    const second = await runFunction(() => 'well');
    at = first;
    const held = ask();
    await started.passed;
    const refused = await ask();
    assert.deepEqual([refused.status, refused.headers.get('retry-after'), isMarked(refused)], [429, '1', false]);
    const caller = createCaller(realWorld, {
      label: 'function orders',
      target: () => served.functionTarget('default', 'orders'),
      timeoutMs: () => 20_000,
    });
    const request = { method: 'POST', path: '/', headers: [], body: '{}', trace: undefined, timeoutMs: undefined };
    const delivered = await caller.call(
      { ...request, maxAnswerBytes: 1000, priority: 5 },
      new AbortController().signal,
    );
    assert.equal(delivered.status, 429);
    assert.equal(pausedMs(), 0);
    at = second;
    assert.equal(await (await ask()).text(), 'well');
    await first.drain(0);
    assert.equal((await held).status, 503);
  });

  it('of what a function needs is not what the function asks for', async () => {
    const { InvokeError } = await import('tenfold');
    let asks = 0;
    at = await runFunction(() => {
      if (asks++ > 0) return 'well';
      throw new InvokeError('POST /topics/orders', 'answered 429', { status: 429, retryAfterSeconds: 60 });
    });
    const refused = await ask();
    assert.deepEqual([refused.status, refused.headers.get('retry-after'), isMarked(refused)], [503, '60', false]);
    assert.equal(pausedMs(), 0);
    assert.equal(await (await ask()).text(), 'well');
  });

  it('is told from a pause that the function itself asks for', async () => {
    at = await runFunction(() => new Response('later', { status: 503, headers: { 'retry-after': '60' } }));
    assert.equal((await ask()).status, 503);
    await eventually(() => (pausedMs() ?? 0) > 0, 'all calls pause');
  });

  it('that a function claims by itself lets it be called without a pause, and does nothing to others', async () => {
    const headers = { 'retry-after': '60', 'tenfold-refused': 'shutting-down' };
    at = await runFunction(() => new Response('later', { status: 503, headers }));
    const answer = await ask();
    assert.deepEqual([answer.status, isMarked(answer)], [503, false]);
    assert.equal(pausedMs(), 0);
  });
});
