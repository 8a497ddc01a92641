// Calls of functions whose instances cannot be reached for a moment: what was never sent is
// sent again, and nothing else.
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import { Readable } from 'node:stream';
import { closeServer, listen } from '../../../core/http/http-server.ts';
import { childContext } from '../../../core/trace-context.ts';
import { realWorld } from '../../../core/world.ts';
import type { FunctionHost, Lease } from '../../../drivers/function-host/function-host.ts';
import { createAddressCheck } from '../../../gateway/transport/address-policy.ts';
import { createTransport } from '../../../gateway/transport/create-transport.ts';
import { callTarget } from '../../../gateway/upstream/buffered-call.ts';
import { CallTimes } from '../../../gateway/upstream/call-times.ts';
import { createFunctionTarget } from '../../../gateway/upstream/function-target.ts';
import { AskedPause } from '../../../gateway/upstream/policies/asked-pause.ts';
import { RetryBudget } from '../../../gateway/upstream/policies/retry-budget.ts';

const transport = createTransport({
  checkAddress: createAddressCheck({ allowLoopback: true }),
  connectTimeoutMs: 1000,
});
/** The discard port of this machine, where nobody listens. */
const NOBODY = 'http://127.0.0.1:9';

describe('A call of a function that cannot be sent', () => {
  let server: Server;
  let well: string;
  let received: string[];

  before(async () => {
    server = createServer(async (request, response) => {
      received.push(`${request.method} ${Buffer.concat(await request.toArray())}`);
      if (request.url === '/reset') request.socket.destroy();
      else response.end('done');
    });
    well = await listen(server, '127.0.0.1', 0);
  });
  beforeEach(() => {
    received = [];
  });
  after(async () => {
    await closeServer(server, realWorld, 0);
    await transport.destroy();
  });

  /** Leases lead to `origins` in turn, the last of them again and again. */
  function functionAt(...origins: string[]) {
    const counts = { taken: 0, held: 0 };
    const lease = (): Lease => {
      const origin = origins[Math.min(counts.taken, origins.length - 1)] ?? NOBODY;
      counts.taken++;
      counts.held++;
      let isHeld = true;
      return {
        origin,
        basePath: '',
        holder: undefined,
        release() {
          counts.held -= isHeld ? 1 : 0;
          isHeld = false;
        },
      };
    };
    const host: FunctionHost = {
      apply() {},
      // As one that has no place at once, every other time.
      tryAcquire: () => (counts.taken % 2 === 0 ? lease() : undefined),
      acquire: async () => lease(),
      status: () => [],
      async close() {},
    };
    const budget = new RetryBudget();
    const ask = (path: string, body: string | Readable | null, timeoutMs = 20_000) => {
      const where = { host, transport, namespace: 'default', name: 'menu', ownHeaders: [] };
      const address = {
        world: realWorld,
        ...where,
        pause: new AskedPause(realWorld),
        budget,
        times: new CallTimes(realWorld),
      };
      const init = { method: 'POST', path, headers: [], body, timeoutMs, maxBody: 1000 };
      return callTarget(realWorld, createFunctionTarget(address), { ...init, trace: childContext(undefined) }).then(
        answer => `${answer.status} ${answer.body}`,
        error => `${error.code}: ${error.message}${error.undelivered ? ' (undelivered)' : ''}`,
      );
    };
    return { counts, budget, ask };
  }

  it('is sent to the next instance, with its body, once', async () => {
    const { counts, budget, ask } = functionAt(NOBODY, NOBODY, well);
    assert.equal(await ask('/', 'an order'), '200 done');
    assert.deepEqual(received, ['POST an order']);
    assert.deepEqual(counts, { taken: 3, held: 0 });
    assert.equal(budget.retries, 2);
  });

  it('is sent again with a body that streams, as none of it was taken', async () => {
    const { ask } = functionAt(NOBODY, well);
    assert.equal(await ask('/', Readable.from([Buffer.from('an '), Buffer.from('order')])), '200 done');
    assert.deepEqual(received, ['POST an order']);
  });

  it('fails as one that was never delivered when nobody can be reached for long', async () => {
    const { counts, ask } = functionAt(NOBODY);
    assert.equal(await ask('/', 'an order'), 'bad-gateway: Function menu refuses connections. (undelivered)');
    assert.deepEqual(counts, { taken: 7, held: 0 });
  });

  it('waits no longer than its caller', async () => {
    const { counts, ask } = functionAt(NOBODY);
    assert.match(await ask('/', 'an order', 60), /^(bad-gateway: .* \(undelivered\)|timeout: )/);
    assert.ok(counts.taken <= 3, `was tried ${counts.taken} times`);
    assert.equal(counts.held, 0);
  });

  it('is not sent again once it was sent, whatever became of it', async () => {
    const { counts, ask } = functionAt(well);
    assert.match(await ask('/reset', 'an order'), /^bad-gateway: /);
    assert.deepEqual(received, ['POST an order']);
    assert.deepEqual(counts, { taken: 1, held: 0 });
  });

  it('is sent again within a budget, so that calls of a function that is away stay at most two each', async () => {
    const { counts, budget, ask } = functionAt(NOBODY);
    await Promise.all(Array.from({ length: 40 }, () => ask('/', null)));
    assert.ok(counts.taken <= 80, `40 calls were tried ${counts.taken} times`);
    assert.ok(budget.refused > 0);
  });
});
