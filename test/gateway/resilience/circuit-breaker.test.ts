// Circuit breakers as routes declare them, over real sockets.
import assert from 'node:assert/strict';
import { eventually } from '../../eventually.ts';
import { startUpstream } from '../../fakes/echo-upstream.ts';
import { serveYaml } from '../serve-yaml.ts';
import { api, fn, serve } from './served-orders.ts';

describe('route.circuitBreaker', () => {
  const breaker = 'circuitBreaker: { minimum: 3, open: 1m }';

  it('answers 503 with Retry-After while open', async () => {
    const { upstream, url, close } = await serve(api(breaker) + fn(), (_request, response) =>
      response.writeHead(500).end(),
    );
    const statuses: number[] = [];
    for (let index = 0; index < 5; index++) statuses.push((await fetch(url)).status);
    assert.deepEqual(statuses, [500, 500, 500, 503, 503]);
    const refused = await fetch(url);
    assert.match(refused.headers.get('retry-after') ?? '', /^([1-5]?\d|60)$/);
    assert.match(((await refused.json()) as { type: string }).type, /#circuit-open$/);
    assert.equal(upstream.seen.length, 3);
    await close();
  });

  it('probes when it has been open for its time, and closes; and tells the log', async () => {
    let broken = true;
    const short = api('circuitBreaker: { minimum: 3, open: 200ms }') + fn();
    const { listener, url, close } = await serve(short, (_request, response) => {
      response.statusCode = broken ? 500 : 200;
      response.end();
    });
    const statusNow = async () => (await fetch(url)).status;
    await eventually(async () => (await statusNow()) === 503, 'it is open');
    broken = false;
    await eventually(async () => (await statusNow()) === 200, 'it is closed');
    await eventually(() => listener.logged.length === 2, 'the log entries');
    assert.deepEqual(
      listener.logged.map(({ level, fields }) => [level, fields['breaker']]),
      [
        ['warn', 'Api/default/shop/* /* to function orders'],
        ['info', 'Api/default/shop/* /* to function orders'],
      ],
    );
    await close();
  });

  it('stays open when the plan changes', async () => {
    const yaml = api(breaker) + fn();
    const { listener, url, close } = await serve(yaml, (_request, response) => response.writeHead(500).end());
    for (let index = 0; index < 3; index++) await fetch(url);
    listener.swap(yaml.replace('path: /*', 'path: "/*"'));
    assert.equal((await fetch(url)).status, 503);
    await close();
  });

  it('keeps the targets of a split apart', async () => {
    const bad = await startUpstream((_request, response) => response.writeHead(500).end());
    const good = await startUpstream((_request, response) => response.end());
    const yaml = `
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: shop }
spec:
  routes:
    - match: { path: /x }
      to: [{ url: "${bad.origin}", weight: 1 }, { url: "${good.origin}", weight: 1 }]
      circuitBreaker: { minimum: 2, open: 1m }
`;
    const listener = await serveYaml(yaml);
    const statuses: number[] = [];
    for (let index = 0; index < 60; index++) statuses.push((await fetch(`${listener.address}/x`)).status);
    // Once its breaker is open, all go to the other one.
    assert.deepEqual(statuses.toSorted(), [...Array(58).fill(200), 500, 500]);
    assert.equal(bad.seen.length, 2);
    await listener.close();
    await bad.close();
    await good.close();
  });
});
