// Retries, breakers, limits and timeouts as resources declare them, over real sockets.
import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { eventually } from '../../eventually.ts';
import { startUpstream } from '../../fakes/echo-upstream.ts';
import { serveYaml } from '../serve-yaml.ts';

const api = (route: string) => `
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: shop }
spec:
  routes:
    - match: { path: /* }
      to: { function: orders }
${route.replace(/^/gm, '      ')}
`;
const fn = (spec = '') => `
---
apiVersion: tenfold.dev/v1alpha1
kind: Function
metadata: { name: orders }
spec: { source: ./orders.ts ${spec} }
`;

type Answer = (request: IncomingMessage, response: ServerResponse, count: number) => void;

async function serve(yaml: string, answer: Answer) {
  let count = 0;
  const upstream = await startUpstream((request, response) => answer(request, response, ++count));
  const door = await serveYaml(yaml, { functions: { orders: upstream.origin } });
  return {
    upstream,
    door,
    url: `${door.address}/x`,
    async close() {
      await door.close();
      await upstream.close();
    },
  };
}

const failTimes =
  (times: number, status = 503): Answer =>
  (request, response, count) => {
    request.resume();
    request.on('end', () => {
      response.statusCode = count <= times ? status : 200;
      response.end(`answer ${count}`);
    });
  };

describe('route.retry', () => {
  it('makes a failure good, with the attempt in a header, and the body of a PUT sent again', async () => {
    const bodies: string[] = [];
    const { upstream, url, close } = await serve(
      api('retry: { attempts: 3, initial: 1ms }') + fn(),
      (request, response, count) => {
        let body = '';
        request.on('data', chunk => (body += chunk));
        request.on('end', () => {
          bodies.push(body);
          response.statusCode = count < 3 ? 503 : 200;
          response.end('done');
        });
      },
    );
    const answer = await fetch(url, { method: 'PUT', body: 'the body' });
    assert.deepEqual([answer.status, await answer.text()], [200, 'done']);
    assert.deepEqual(bodies, ['the body', 'the body', 'the body']);
    assert.deepEqual(
      upstream.seen.map(({ headers }) => headers['tenfold-attempt']),
      ['1', '2', '3'],
    );
    await close();
  });

  it('passes the last failure on as it is', async () => {
    const { url, close } = await serve(api('retry: { attempts: 2, initial: 1ms }') + fn(), failTimes(9));
    const answer = await fetch(url);
    assert.deepEqual([answer.status, await answer.text()], [503, 'answer 2']);
    await close();
  });

  it('keeps the connection of an answer that nobody gets', async () => {
    const { upstream, url, close } = await serve(api('retry: { attempts: 3, initial: 5ms }') + fn(), failTimes(2));
    await (await fetch(url)).text();
    assert.equal(new Set(upstream.seen.map(({ socket }) => socket)).size, 1);
    await close();
  });

  it('does not send a large upload twice', async () => {
    const { upstream, url, close } = await serve(api('retry: { attempts: 3, initial: 1ms }') + fn(), failTimes(2));
    const answer = await fetch(url, { method: 'PUT', body: Buffer.alloc(100_000) });
    assert.deepEqual([answer.status, upstream.seen.length], [503, 1]);
    await close();
  });

  it('never makes an answer again that has begun', async () => {
    const { upstream, url, close } = await serve(
      api('retry: { attempts: 3, on: [reset, 5xx], initial: 1ms }') + fn(),
      (_request, response) => {
        response.write('half');
        setTimeout(() => response.destroy(), 20);
      },
    );
    await assert.rejects(async () => (await fetch(url)).text());
    assert.equal(upstream.seen.length, 1);
    await close();
  });

  it('stops when the client leaves', async () => {
    const { upstream, url, close } = await serve(
      api('retry: { attempts: 5, on: [timeout], attemptTimeout: 100ms, initial: 0s }') + fn(),
      () => {},
    );
    await assert.rejects(fetch(url, { signal: AbortSignal.timeout(50) }));
    await new Promise(resolve => setTimeout(resolve, 250));
    assert.equal(upstream.seen.length, 1);
    await close();
  });
});

describe('route.circuitBreaker', () => {
  const breaker = 'circuitBreaker: { minimum: 3, open: 200ms }';

  it('answers 503 with Retry-After while open, then probes and closes; and tells the log', async () => {
    let broken = true;
    const { upstream, door, url, close } = await serve(api(breaker) + fn(), (_request, response) => {
      response.statusCode = broken ? 500 : 200;
      response.end();
    });
    const statuses: number[] = [];
    for (let index = 0; index < 5; index++) statuses.push((await fetch(url)).status);
    assert.deepEqual(statuses, [500, 500, 500, 503, 503]);
    const refused = await fetch(url);
    assert.equal(refused.headers.get('retry-after'), '1');
    assert.match(((await refused.json()) as { type: string }).type, /#circuit-open$/);
    assert.equal(upstream.seen.length, 3);
    broken = false;
    await eventually(() => door.logged.length === 1, 'the log entry');
    await new Promise(resolve => setTimeout(resolve, 210));
    assert.equal((await fetch(url)).status, 200);
    assert.deepEqual(
      door.logged.map(({ level, fields }) => [level, fields['breaker']]),
      [
        ['warn', 'Api/default/shop/* /* to function orders'],
        ['info', 'Api/default/shop/* /* to function orders'],
      ],
    );
    await close();
  });

  it('stays open when the plan changes', async () => {
    const yaml = api(breaker) + fn();
    const { door, url, close } = await serve(yaml, (_request, response) => response.writeHead(500).end());
    for (let index = 0; index < 3; index++) await fetch(url);
    door.swap(yaml.replace('path: /*', 'path: "/*"'));
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
    const door = await serveYaml(yaml);
    const statuses = new Set<number>();
    for (let index = 0; index < 60; index++) {
      statuses.add((await fetch(`${door.address}/x`)).status);
    }
    assert.deepEqual([...statuses].sort(), [200, 500, 503]);
    assert.equal(bad.seen.length, 2);
    await door.close();
    await bad.close();
    await good.close();
  });
});

describe('Function.limits and Function.circuitBreaker', () => {
  it('hold over all routes together', async () => {
    let inFlight = 0;
    let most = 0;
    const two = `
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: shop }
spec:
  routes:
    - { match: { path: /a }, to: { function: orders } }
    - { match: { path: /b }, to: { function: orders } }
`;
    const { door, close } = await serve(two + fn(', limits: { concurrency: 2 }'), (_request, response) => {
      most = Math.max(most, ++inFlight);
      setTimeout(() => {
        inFlight--;
        response.end();
      }, 20);
    });
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, index) => fetch(`${door.address}/${index % 2 ? 'a' : 'b'}`)),
    );
    assert.ok(answers.every(({ status }) => status === 200));
    assert.equal(most, 2);
    await close();
  });

  it('refuse with 503 and Retry-After when too many wait', async () => {
    const held: ServerResponse[] = [];
    const { url, close } = await serve(
      api('') + fn(', limits: { concurrency: 1, waiting: 0 }'),
      (_request, response) => {
        held.push(response);
      },
    );
    const first = fetch(url);
    await eventually(() => held.length === 1, 'the first call');
    const refused = await fetch(url);
    assert.deepEqual([refused.status, refused.headers.get('retry-after')], [503, '1']);
    held[0]!.end();
    assert.equal((await first).status, 200);
    await close();
  });

  it('slow down for Retry-After of the function', async () => {
    const { upstream, url, close } = await serve(
      api('') + fn(', limits: { concurrency: 9, maxWait: 50ms }'),
      (_request, response) => {
        response.writeHead(429, { 'retry-after': '1' }).end();
      },
    );
    assert.equal((await fetch(url)).status, 429);
    assert.equal((await fetch(url)).status, 503);
    assert.equal(upstream.seen.length, 1);
    await close();
  });

  it('open one breaker for all routes, and nobody waits behind it', async () => {
    const { upstream, url, close } = await serve(
      api('') + fn(', limits: { concurrency: 1 }, circuitBreaker: { minimum: 2, open: 1m }'),
      (_request, response) => response.writeHead(500).end(),
    );
    await fetch(url);
    await fetch(url);
    const answers = await Promise.all(Array.from({ length: 5 }, () => fetch(url)));
    assert.ok(answers.every(({ status }) => status === 503));
    assert.equal(upstream.seen.length, 2);
    await close();
  });
});

describe('route.timeouts', () => {
  it('firstByte: answers 504 when no answer has begun', async () => {
    const { url, close } = await serve(api('timeouts: { firstByte: 50ms }') + fn(), () => {});
    const answer = await fetch(url);
    assert.equal(answer.status, 504);
    assert.match(((await answer.json()) as { detail: string }).detail, /No answer began within 50 ms/);
    await close();
  });

  it('firstByte: leaves an answer alone that has begun', async () => {
    const { url, close } = await serve(api('timeouts: { firstByte: 50ms }') + fn(), (_request, response) => {
      response.write('a');
      setTimeout(() => response.end('b'), 150);
    });
    assert.equal(await (await fetch(url)).text(), 'ab');
    await close();
  });

  it('connect: gives up on an address that takes no connection', async () => {
    // A TLS handshake that nobody answers: the connection never opens.
    const server = createTcpServer(() => {});
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    const origin = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const door = await serveYaml(api('timeouts: { connect: 100ms }').replace('function: orders', `url: "${origin}"`));
    const began = Date.now();
    const answer = await fetch(`${door.address}/x`);
    assert.equal(answer.status, 502);
    assert.match(((await answer.json()) as { detail: string }).detail, /cannot be reached/);
    assert.ok(Date.now() - began < 450, 'sooner than the transport would');
    await door.close();
    server.close();
  });

  it('a stream may last longer than the timeout, while something comes', async () => {
    const { url, close } = await serve(
      api('timeout: 150ms\ntimeouts: { idle: 100ms }') + fn(),
      (_request, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        let left = 8;
        const timer = setInterval(() => {
          response.write('data: x\n\n');
          if (--left === 0) {
            clearInterval(timer);
            response.end();
          }
        }, 40);
      },
    );
    const text = await (await fetch(url)).text();
    assert.equal(text.length, 8 * 9);
    await close();
  });

  it('idle: cuts a stream that has fallen silent', async () => {
    const { url, close } = await serve(api('timeout: 5s\ntimeouts: { idle: 80ms }') + fn(), (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: x\n\n');
    });
    const began = Date.now();
    await assert.rejects(async () => (await fetch(url)).text());
    assert.ok(Date.now() - began < 1000);
    await close();
  });

  it('the timeout holds for an answer of known length', async () => {
    const { url, close } = await serve(api('timeout: 100ms') + fn(), (_request, response) => {
      response.writeHead(200, { 'content-length': '10' });
      response.write('half ');
    });
    await assert.rejects(async () => (await fetch(url)).text());
    await close();
  });
});
