// Calls at endpoints that refuse, reset, answer 503 or go away: which of them are made again,
// how often, and until when.
import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { InvokeError } from 'tenfold';
import type { CallScope } from '../../sdk/client/call-endpoint.ts';
import { enqueue, invoke, publish, query } from '../../sdk/client/clients.ts';
import { createHttpTransport } from '../../sdk/client/http-transport.ts';
import { type Outcome, pauseBeforeRepeat, withRepeats } from '../../sdk/client/repeats.ts';
import { NoAnswer, type Transport } from '../../sdk/client/transport.ts';

type Answer = (request: IncomingMessage, response: ServerResponse) => unknown;

interface Endpoints {
  readonly server: Server;
  readonly port: number;
  /** What has arrived. */
  readonly seen: Array<{ body: string; timeoutMs: number }>;
}

const open: Server[] = [];
function closeServers(): void {
  for (const server of open.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
}

async function listen(server: Server, port = 0): Promise<number> {
  open.push(server);
  await new Promise<void>(resolve => server.listen(port, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** Each request is answered by the next of `answers`, the last of which stays. */
async function listeners(...answers: readonly Answer[]): Promise<Endpoints> {
  const seen: Endpoints['seen'] = [];
  const server = createServer(async (request, response) => {
    const one = { body: '', timeoutMs: Number(request.headers['tenfold-timeout-ms']) };
    const answer = answers[Math.min(seen.push(one), answers.length) - 1];
    if (answer !== resetAtOnce) one.body = Buffer.concat(await request.toArray()).toString();
    answer?.(request, response);
  });
  return { server, port: await listen(server), seen };
}

const resetAtOnce: Answer = ({ socket }) => socket.resetAndDestroy();
const resetAfterBody: Answer = ({ socket }) => socket.resetAndDestroy();
const closeAfterBody: Answer = ({ socket }) => socket.destroy();
const breakOff: Answer = (_, response) => {
  response.writeHead(200, { 'content-length': '10' });
  response.write('half', () => response.destroy());
};
const busy: Answer = (_, response) => response.writeHead(503, { 'retry-after': '0' }).end();
const accept: Answer = (_, response) => response.writeHead(202, { location: '/queues/q/job-1' }).end();

function scopeOf(port: number, { remainingMs = 5000, signal = new AbortController().signal } = {}) {
  const transport = withRepeats(createHttpTransport({ url: `http://127.0.0.1:${port}`, keyHeader: undefined }));
  return {
    functionName: 'orders',
    signal,
    traceparent: '00-0123456789abcdef0123456789abcdef-0123456789abcdef-01',
    origin: undefined,
    depth: 0,
    remainingMs: () => remainingMs,
    transport,
  } satisfies CallScope;
}

type Make = (scope: CallScope) => Promise<unknown>;
const idempotent: Readonly<Record<string, Make>> = {
  'a publication': scope => publish(scope, 'topic', { total: 7 }),
  'a job with a key': scope => enqueue(scope, 'q', 1, { idempotencyKey: 'k' }),
  'a read': scope => query(scope, 'view'),
  'a call with PUT': scope => invoke(scope, 'other', { method: 'PUT', body: 1 }),
};
const once: Readonly<Record<string, Make>> = {
  'a call with POST': scope => invoke(scope, 'other', { body: { a: 1 } }),
  'a job without a key': scope => enqueue(scope, 'q', 1),
};
const faults: Readonly<Record<string, Answer>> = {
  'is reset before its body': resetAtOnce,
  'is reset after its body': resetAfterBody,
  'ends without an answer': closeAfterBody,
  'ends in the midst of the answer': breakOff,
  'is answered 503 with Retry-After': busy,
};

describe('calls that are made again', () => {
  afterEach(closeServers);

  for (const [fault, answer] of Object.entries(faults)) {
    for (const [what, make] of Object.entries(idempotent)) {
      it(`${what} that ${fault}`, async () => {
        const { port, seen } = await listeners(answer, accept);
        await make(scopeOf(port));
        assert.equal(seen.length, 2);
      });
    }
    for (const [what, make] of Object.entries(once)) {
      it(`but not ${what} that ${fault}: it may have been worked on`, async () => {
        const { port, seen } = await listeners(answer, accept);
        await assert.rejects(make(scopeOf(port)), { name: 'InvokeError', retryable: true });
        assert.equal(seen.length, 1);
      });
    }
  }

  for (const [what, make] of Object.entries({ ...idempotent, ...once })) {
    it(`${what} that is refused, until somebody listens`, async () => {
      const { server, port, seen } = await listeners(accept);
      await new Promise(resolve => server.close(resolve));
      const scope = scopeOf(port);
      let attempts = 0;
      const inner = createHttpTransport({ url: `http://127.0.0.1:${port}`, keyHeader: undefined });
      const late: Transport = async request => {
        if (++attempts === 3) await listen(server, port);
        return inner(request);
      };
      await make({ ...scope, transport: withRepeats(late) });
      assert.deepEqual([attempts, seen.length], [3, 1]);
    });
  }

  it('a publication keeps its id, and its endpoint is told how much time is left', async () => {
    const { port, seen } = await listeners(resetAfterBody, busy, accept);
    await publish(scopeOf(port), 'topic', { total: 7 });
    assert.equal(new Set(seen.map(({ body }) => JSON.parse(body).id)).size, 1);
    const [first = 0, second = 0, third = 0] = seen.map(({ timeoutMs }) => timeoutMs);
    assert.ok(5000 >= first && first > second && second >= third && third > 0, `${first} ${second} ${third}`);
  });

  it('a job whose first request is still being worked on waits for its turn', async () => {
    const inProgress: Answer = (_, response) => response.writeHead(409, { 'retry-after': '0' }).end();
    const { port, seen } = await listeners(resetAfterBody, inProgress, accept);
    await enqueue(scopeOf(port), 'q', 1, { idempotencyKey: 'k' });
    assert.equal(seen.length, 3);
    const other = await listeners(inProgress);
    await assert.rejects(enqueue(scopeOf(other.port), 'q', 1, { idempotencyKey: 'k' }), { status: 409 });
    assert.equal(other.seen.length, 1);
  });

  it('no longer than there is time: the error says what was tried', async () => {
    const { server, port } = await listeners(accept);
    await new Promise(resolve => server.close(resolve));
    await assert.rejects(publish(scopeOf(port, { remainingMs: 1000 }), 'topic', 1), (error: unknown) => {
      assert.ok(error instanceof InvokeError);
      assert.match(error.message, /^POST \/topics\/topic: no answer: .*ECONNREFUSED.* \(tried [0-9]+ times\)$/);
      return true;
    });
  });

  it('not when the function is told to stop meanwhile', async () => {
    const stop = new AbortController();
    const { port, seen } = await listeners((_, response) => response.writeHead(503, { 'retry-after': '3' }).end());
    const inner = createHttpTransport({ url: `http://127.0.0.1:${port}`, keyHeader: undefined });
    const transport = withRepeats(async request => {
      const answer = await inner(request);
      setTimeout(() => stop.abort(new Error('enough')));
      return answer;
    });
    await assert.rejects(
      publish({ ...scopeOf(port, { signal: stop.signal }), transport }, 'topic', 1),
      /^Error: enough$/,
    );
    assert.equal(seen.length, 1);
  });

  it('not after an answer that is none of HTTP', async () => {
    const { port, seen } = await listeners(({ socket }) => socket.end('SSH-2.0-OpenSSH_9.9\r\n\r\n'));
    await assert.rejects(query(scopeOf(port), 'view'), InvokeError);
    assert.equal(seen.length, 1);
  });
});

describe('the pause before a call is made again', () => {
  const refused: Outcome = { error: new NoAnswer('refused', { sent: false, cause: undefined }) };
  const reset: Outcome = { error: new NoAnswer('reset', { sent: true, cause: undefined }) };
  const answered = (status: number, after?: string): Outcome => ({
    response: { status, headers: after === undefined ? {} : { 'retry-after': after }, body: Buffer.alloc(0) },
  });
  const usual = { number: 1, idempotent: true, leftMs: 10_000, random: 0.5 };
  const rows: Array<[what: string, outcome: Outcome, change: Partial<typeof usual>, ms: number | undefined]> = [
    ['begins short', refused, {}, 37.5],
    ['is at least half of its limit', refused, { random: 0 }, 25],
    ['doubles', reset, { number: 4 }, 300],
    ['has an end', reset, { number: 9 }, 750],
    ['comes no tenth time', refused, { number: 10 }, undefined],
    ['is as long as the endpoint asks for, and a bit', answered(503, '2'), {}, 2037.5],
    ['is as long as until the date that the endpoint names', answered(503, 'Sat, 31 Jan 2026 12:00:00 GMT'), {}, 37.5],
    ['comes twice after answers', answered(503, '1'), { number: 3 }, undefined],
    ['does not come when no time would be left', answered(503, '2'), { leftMs: 2000 }, undefined],
    ['does not come when the endpoint does not ask for it', answered(503), {}, undefined],
    ['does not come for an answer', answered(200, '1'), {}, undefined],
    ['does not come for another refusal', answered(429, '1'), {}, undefined],
    ['comes when nothing was sent, whatever the call', refused, { idempotent: false }, 37.5],
    ['does not come when it may have been worked on', reset, { idempotent: false }, undefined],
    ['nor when an endpoint says so', answered(503, '1'), { idempotent: false }, undefined],
    ['does not come for a fault of ours', { error: new TypeError('no') }, {}, undefined],
  ];
  for (const [what, outcome, change, ms] of rows) {
    it(what, () => assert.equal(pauseBeforeRepeat(outcome, { ...usual, ...change }), ms));
  }
});
