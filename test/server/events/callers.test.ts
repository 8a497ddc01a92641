// What workers call, behind the limits of a function: their work has its whole time, however
// long it waits for its turn.
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { sealCauses } from '../../../core/cause.ts';
import { TenfoldError } from '../../../core/errors.ts';
import { realWorld } from '../../../core/world.ts';
import { createCaller } from '../../../server/events/callers.ts';
import { startUpstream } from '../../fakes/echo-upstream.ts';
import { serveYaml } from '../../gateway/serve-yaml.ts';

const WORK_MS = 300;
const TIMEOUT_MS = 800;
const WAIT_MS = 20_000;
const yaml = `
apiVersion: tenfold.dev/v1alpha1
kind: Function
metadata: { name: orders }
spec: { source: ./orders.ts, timeout: ${TIMEOUT_MS}ms, limits: { concurrency: 1, maxWait: ${WAIT_MS}ms } }
`;
const request = {
  method: 'POST',
  path: '/',
  headers: [],
  body: '{}',
  trace: undefined,
  timeoutMs: undefined,
  maxAnswerBytes: 1000,
  priority: 5,
};

describe('a caller of the event plane', () => {
  let upstream: Awaited<ReturnType<typeof startUpstream>>;
  let served: Awaited<ReturnType<typeof serveYaml>>;
  let workMs = WORK_MS;
  let inFlight = 0;
  let most = 0;
  const remaining: number[] = [];

  before(async () => {
    upstream = await startUpstream(async ({ headers }, response) => {
      remaining.push(Number(headers['tenfold-timeout-ms']));
      most = Math.max(most, ++inFlight);
      await pause(workMs);
      inFlight--;
      response.end('{}');
    });
    served = await serveYaml(yaml, { functions: { orders: upstream.origin } });
  });
  after(async () => {
    await served.close();
    await upstream.close();
  });

  const call = (signal = new AbortController().signal) =>
    createCaller(realWorld, {
      label: 'function orders',
      target: () => served.functionTarget('default', 'orders'),
      timeoutMs: () => TIMEOUT_MS,
      waitMs: () => WAIT_MS,
    }).call(request, signal);

  it('has the whole timeout of the function from when it is its turn', async () => {
    const answers = await Promise.all(Array.from({ length: 5 }, () => call()));
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 200, 200, 200, 200],
    );
    assert.equal(most, 1);
    assert.ok(Math.min(...remaining) > TIMEOUT_MS / 2, `the function was told ${remaining} ms`);
  });

  it('is given up when that is over, and makes room for the next', async () => {
    workMs = 2 * TIMEOUT_MS;
    const late = (error: unknown) => error instanceof TenfoldError && error.code === 'timeout';
    await Promise.all([assert.rejects(call(), late), assert.rejects(call(), late)]);
  });
});

describe('a caller of the event plane that a function tells why it failed', () => {
  const key = Buffer.alloc(32, 7);
  const cause = { name: 'Error', message: 'no price for boom' };
  let upstream: Awaited<ReturnType<typeof startUpstream>>;
  let served: Awaited<ReturnType<typeof serveYaml>>;
  let told = '';

  before(async () => {
    upstream = await startUpstream((_request, response) => {
      response.writeHead(500, { 'tenfold-cause': told }).end('{}');
    });
    served = await serveYaml(yaml, { functions: { orders: upstream.origin } });
  });
  after(async () => {
    await served.close();
    await upstream.close();
  });

  const ask = (causeKey: (() => Buffer) | undefined) =>
    createCaller(realWorld, {
      label: 'function orders',
      causeKey,
      target: () => served.functionTarget('default', 'orders'),
      timeoutMs: () => TIMEOUT_MS,
    }).call(request, new AbortController().signal);

  it('opens it with the key of the namespace, and passes on no field of it', async () => {
    told = sealCauses(key, [{ cause }]);
    const answer = await ask(() => key);
    assert.deepEqual(answer.causes, [{ cause }]);
    assert.doesNotMatch(answer.headers.join(), /tenfold-cause/i);
  });

  it('learns nothing of what another namespace, or nobody, has sealed', async () => {
    told = sealCauses(Buffer.alloc(32, 8), [{ cause }]);
    assert.deepEqual((await ask(() => key)).causes, []);
    told = 'no price for boom';
    assert.deepEqual((await ask(() => key)).causes, []);
    told = sealCauses(key, [{ cause }]);
    assert.equal((await ask(undefined)).causes, undefined);
  });
});
