// Who leads: whoever holds the Lease, which is renewed by one request as long
// as nobody else writes it.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { unlessAborted } from '../../../core/unless-aborted.ts';
import type { KubeClient } from '../../../k8s/api/kube-client.ts';
import { KubeError } from '../../../k8s/api/kube-error.ts';
import { startElection } from '../../../k8s/operator/election.ts';
import { createFakeWorld } from '../../fakes/fake-world.ts';

const TIMES = { leaseMs: 15_000, renewWithinMs: 10_000, retryMs: 2000 };

interface Lease {
  metadata: { name?: string; resourceVersion?: string; annotations?: Record<string, string> };
  spec: { holderIdentity: string; leaseDurationSeconds: number; acquireTime: string; leaseTransitions: number };
}

/** One Lease, as an API server keeps it. */
function createLeases() {
  const kept: { lease: Lease | undefined } = { lease: undefined };
  const asked: string[] = [];
  const signals: (AbortSignal | undefined)[] = [];
  let version = 0;
  let loses = false;
  let hung: Promise<void> | undefined;
  const put = (lease: Lease): Lease => {
    kept.lease = { ...lease, metadata: { ...lease.metadata, resourceVersion: String(++version) } };
    return kept.lease;
  };
  const client: KubeClient = {
    async call(method, _path, options) {
      asked.push(method);
      signals.push(options?.signal);
      await unlessAborted(hung ?? Promise.resolve(), options?.signal ?? new AbortController().signal);
      const body = structuredClone(options?.body) as Lease;
      if (method === 'POST') return structuredClone(put(body));
      if (!kept.lease) throw new KubeError('not-found', 'There is none.', 404, {});
      if (method === 'GET') return structuredClone(kept.lease);
      if (body.metadata.resourceVersion !== kept.lease.metadata.resourceVersion)
        throw new KubeError('conflict', 'Somebody was faster.', 409, {});
      const written = structuredClone(put(body));
      if (loses) throw new KubeError('cluster-unavailable', 'The connection was cut.', 0, {});
      return written;
    },
    stream: () => assert.fail(),
    async close() {},
  };
  return {
    client,
    kept,
    put,
    signals: () => signals,
    /** What was asked since this was called last. */
    asked: () => asked.splice(0),
    /** Writes are done, and nobody hears of it. */
    loseAnswers: (really: boolean) => {
      loses = really;
    },
    /** Requests get no answer until what this returns is called. */
    hang() {
      const { promise, resolve } = Promise.withResolvers<void>();
      hung = promise;
      return () => {
        hung = undefined;
        resolve();
      };
    },
  };
}

type Lead = (signal: AbortSignal) => Promise<void>;

const untilAborted: Lead = signal => new Promise(resolve => signal.addEventListener('abort', () => resolve()));

function start(lead = untilAborted, able = Promise.resolve(), times = TIMES) {
  const [world, leases] = [createFakeWorld(), createLeases()];
  const told: string[] = [];
  const election = startElection({
    client: leases.client,
    world,
    log: (_level, message) => void told.push(message),
    namespace: 'tenfold-system',
    name: 'tenfold-operator',
    identity: 'one',
    times,
    able,
    lead,
  });
  return { world, told, election, ...leases };
}

describe('the election of an operator', () => {
  it('is renewed by one request at a time, for which nothing is read', async () => {
    const { world, election, asked, kept } = start();
    await world.pass(0);
    assert.equal(election.isLeader, true);
    assert.deepEqual(asked(), ['GET', 'POST']);
    const since = kept.lease?.spec.acquireTime;
    await world.pass(10_000);
    assert.deepEqual(asked(), ['PUT', 'PUT', 'PUT', 'PUT', 'PUT']);
    assert.deepEqual([kept.lease?.spec.acquireTime, kept.lease?.spec.leaseTransitions], [since, 0]);
    await election.close();
    assert.equal(kept.lease?.spec.holderIdentity, '');
  });

  it('goes on, and keeps what others say of the Lease, when they have written it', async () => {
    const { world, election, asked, kept, put, told } = start();
    await world.pass(0);
    asked();
    const lease = kept.lease ?? assert.fail();
    put({ ...lease, metadata: { ...lease.metadata, annotations: { team: 'shop' } } });
    await world.pass(2000);
    assert.deepEqual(asked(), ['PUT', 'GET', 'PUT']);
    assert.deepEqual(kept.lease?.metadata.annotations, { team: 'shop' });
    await world.pass(2000);
    assert.deepEqual(asked(), ['PUT']);
    assert.deepEqual([kept.lease?.metadata.annotations, told], [{ team: 'shop' }, ['leading']]);
    await election.close();
  });

  it('is lost to one who has taken the Lease, and is not taken back before that one is silent', async () => {
    const { world, election, asked, kept, put } = start();
    await world.pass(0);
    const lease = kept.lease ?? assert.fail();
    put({ ...lease, spec: { ...lease.spec, holderIdentity: 'other' } });
    asked();
    await world.pass(2000);
    assert.equal(election.isLeader, false);
    assert.deepEqual(asked(), ['PUT', 'GET']);
    await world.pass(TIMES.leaseMs - 1000);
    assert.equal(election.isLeader, false);
    await world.pass(3000);
    assert.deepEqual([election.isLeader, kept.lease?.spec.leaseTransitions], [true, 1]);
    await election.close();
  });

  it('goes on when it was renewed and did not hear of it', async () => {
    const { world, election, asked, kept, loseAnswers, told } = start();
    await world.pass(0);
    asked();
    loseAnswers(true);
    await world.pass(2000);
    loseAnswers(false);
    await world.pass(2000);
    assert.deepEqual(asked(), ['PUT', 'PUT', 'GET', 'PUT']);
    assert.deepEqual([election.isLeader, kept.lease?.spec.leaseTransitions], [true, 0]);
    assert.deepEqual(told, ['leading', 'the lease cannot be renewed']);
    await election.close();
  });

  it('makes the Lease again that somebody has deleted', async () => {
    const { world, election, asked, kept } = start();
    await world.pass(0);
    asked();
    kept.lease = undefined;
    await world.pass(2000);
    assert.deepEqual(asked(), ['PUT', 'GET', 'POST']);
    assert.equal(election.isLeader, true);
    await election.close();
  });

  it('ends in time though a request hangs, and begins again only when all work has ended', async () => {
    const ended = Promise.withResolvers<void>();
    let [begun, atWork] = [0, 0];
    const { world, election, told, hang } = start(async signal => {
      begun++;
      assert.equal(++atWork, 1);
      await untilAborted(signal);
      await ended.promise;
      atWork--;
    });
    await world.pass(0);
    const answer = hang();
    await world.pass(2000);
    await world.pass(TIMES.renewWithinMs - 1500);
    assert.deepEqual([election.isLeader, told], [false, ['leading', 'not leading any more']]);
    answer();
    await world.pass(0);
    assert.deepEqual([election.isLeader, begun], [true, 1]);
    ended.resolve();
    await world.pass(0);
    assert.deepEqual([election.isLeader, begun, atWork], [true, 2, 1]);
    await election.close();
    assert.equal(atWork, 0);
  });

  it('does not apply for the Lease before it can do the work', async () => {
    const able = Promise.withResolvers<void>();
    const { world, election, asked } = start(untilAborted, able.promise);
    await world.pass(60_000);
    assert.deepEqual([election.isLeader, asked()], [false, []]);
    able.resolve();
    await world.pass(0);
    assert.deepEqual([election.isLeader, asked()], [true, ['GET', 'POST']]);
    await election.close();
  });

  it('never applies for the Lease when it cannot do the work, and ends all the same', async () => {
    const { world, election, asked } = start(untilAborted, Promise.reject(new Error('It cannot be listed.')));
    await world.pass(60_000);
    assert.deepEqual([election.isLeader, asked()], [false, []]);
    await election.close();
    const waiting = start(untilAborted, new Promise(() => {}));
    await waiting.world.pass(0);
    await waiting.election.close();
    assert.deepEqual(waiting.asked(), []);
  });

  it('takes no later hold away when its release hangs, and gives that up within its time', async () => {
    const work = Promise.withResolvers<void>();
    let begun = 0;
    const times = { leaseMs: 1000, renewWithinMs: 300, retryMs: 50 };
    const { world, election, kept, signals, hang } = start(
      async signal => void (begun++ === 0 ? await work.promise : await untilAborted(signal)),
      Promise.resolve(),
      times,
    );
    await world.pass(0);
    const answer = hang();
    work.resolve();
    await world.pass(0);
    // Real time: an answer that never comes ends the wait for it.
    const release = signals().at(-1);
    assert.ok(release, 'the release has no time limit');
    if (!release.aborted) await once(release, 'abort');
    answer();
    await world.pass(2 * times.leaseMs);
    assert.deepEqual([election.isLeader, begun, kept.lease?.spec.holderIdentity], [true, 2, 'one']);
    await election.close();
    assert.equal(kept.lease?.spec.holderIdentity, '');
  });

  for (const [what, ends] of [
    ['has failed', () => Promise.reject(new Error('It cannot be followed.'))],
    ['has ended', () => Promise.resolve()],
  ] as const)
    it(`is given up when the work ${what}, and another one has the time to take the Lease`, async () => {
      let begun = 0;
      const { world, election, kept, told } = start(() => {
        begun++;
        return ends();
      });
      await world.pass(0);
      assert.deepEqual([election.isLeader, begun, kept.lease?.spec.holderIdentity], [false, 1, '']);
      assert.deepEqual(told.at(-1), 'not leading any more');
      await world.pass(TIMES.leaseMs - 1000);
      assert.deepEqual([begun, kept.lease?.spec.holderIdentity], [1, '']);
      await world.pass(4000);
      assert.deepEqual([begun, kept.lease?.spec.holderIdentity], [2, '']);
      await election.close();
    });
});
