// What gateways and workers have in force, as they tell it and as the operator reads it: few
// writes, and nobody is waited for who is silent.
import assert from 'node:assert/strict';
import type { KubeClient } from '../../../k8s/api/kube-client.ts';
import { KubeError } from '../../../k8s/api/kube-error.ts';
import type { KubeObject } from '../../../k8s/api/kube-object.ts';
import type { SeenObject, Verdicts } from '../../../k8s/catalog/cluster-catalog.ts';
import { toResource } from '../../../k8s/catalog/to-resource.ts';
import { followUptakes } from '../../../k8s/uptake/follow-uptakes.ts';
import { hasTakenUp, MOST_MARKS, MOST_REFUSED, toUptake, versionMarkOf } from '../../../k8s/uptake/uptake-lease.ts';
import { createUptakeReports, LEASE_MS, RENEW_MS } from '../../../k8s/uptake/uptake-reports.ts';
import { API_VERSION } from '../../../resources/kinds/index.ts';
import { createFakeWorld } from '../../fakes/fake-world.ts';

const topic = (name: string, generation = 1, namespace = 'shop'): SeenObject => ({
  kind: 'Topic',
  object: {
    apiVersion: API_VERSION,
    kind: 'Topic',
    metadata: { name, namespace, uid: `uid-${name}`, generation },
    spec: {},
  },
});

function catalogOf(seen: readonly SeenObject[], refused: readonly SeenObject[] = []) {
  const keyed = seen.map(one => [`Topic/${one.object.metadata.name}`, one] as const);
  const parsed = toResource('Topic', topic('any').object);
  assert.ok('resource' in parsed);
  const inForce: Verdicts['inForce'] = new Map(keyed.map(([key]) => [key, parsed.resource]));
  const problem = { severity: 'error' as const, file: '', line: 1, column: 1, path: '', message: 'No.' };
  const problems = new Map(refused.map(({ object }) => [`Topic/${object.metadata.name}`, [problem]]));
  return { objects: new Map(keyed), verdicts: { inForce, problems } };
}

function report(fails = () => false, disk: () => readonly string[] = () => []) {
  const world = createFakeWorld();
  const written: KubeObject[] = [];
  const lines: string[] = [];
  const client: KubeClient = {
    async call(_method, _path, options) {
      if (fails()) throw new KubeError('forbidden', 'no', 403, {});
      written.push(options?.body as KubeObject);
      return {};
    },
    stream: () => assert.fail(),
    async close() {},
  };
  const log = (_level: string, message: string) => void lines.push(message);
  const reports = createUptakeReports({ world, client, log, namespace: 'tenfold-system', name: 'gateway-1', disk });
  const last = () => toUptake(written.at(-1) ?? assert.fail('nothing was written'));
  const has = ({ object }: SeenObject) =>
    hasTakenUp(last() ?? assert.fail('it was let go'), object, versionMarkOf(object));
  return { world, written, lines, reports, last, has };
}

describe('what a gateway says that it has in force', () => {
  const [a, b] = [topic('a'), topic('b')];

  it('is the newest version of what is valid, and nothing of what is not', async () => {
    const { world, reports, has } = report();
    reports.took(catalogOf([a, b], [b]));
    await world.pass(0);
    assert.deepEqual([a, b, topic('a', 2)].map(has), [true, false, false]);
    await reports.close();
  });

  it('is told at once, many changes together, and otherwise only so that it is not taken for dead', async () => {
    const { world, written, reports, has } = report();
    for (let version = 1; version <= 20; version++) {
      reports.took(catalogOf([topic('a', version)]));
      await world.pass(100);
    }
    assert.ok(written.length <= 3, `${written.length} writes in two seconds`);
    await world.pass(1000);
    assert.equal(has(topic('a', 20)), true);
    const before = written.length;
    for (let second = 0; second < 150; second++) {
      reports.took(catalogOf([topic('a', 20)]));
      await world.pass(1000);
    }
    const renewed = written.length - before;
    assert.ok(renewed >= 150_000 / LEASE_MS && renewed <= 150_000 / RENEW_MS + 3, `${renewed} writes`);
    await reports.close();
  });

  it('comes with why it is not in force, of the first of them and within bounds', async () => {
    const many = Array.from({ length: MOST_REFUSED + 5 }, (_, index) => topic(`refused-${index}`));
    const { world, reports, last } = report();
    reports.took(catalogOf([a, ...many], many));
    await world.pass(0);
    assert.equal(last()?.refused.size, MOST_REFUSED);
    assert.equal(last()?.refused.get(versionMarkOf(topic('refused-0').object)), 'No.');
    reports.took(catalogOf([a, ...many]));
    await world.pass(2000);
    assert.equal(last()?.refused.size, 0);
    await reports.close();
  });

  it('comes with what is wrong with its disk, a few seconds after that begins and after it ends', async () => {
    let disk: readonly string[] = [];
    const { world, written, reports, last, has } = report(undefined, () => disk);
    reports.took(catalogOf([a]));
    await world.pass(0);
    assert.deepEqual(last()?.disk, []);
    disk = ['There is no space left for /data.', 'It cannot be synced.'];
    await world.pass(5000);
    assert.deepEqual(last()?.disk, disk);
    assert.equal(has(a), true);
    const before = written.length;
    await world.pass(5000);
    assert.equal(written.length, before, 'it is said once');
    disk = [];
    await world.pass(5000);
    assert.deepEqual(last()?.disk, []);
    await reports.close();
  });

  it('is let go when it ends', async () => {
    const { world, reports, last } = report();
    reports.took(catalogOf([a]));
    await world.pass(0);
    await reports.close();
    assert.equal(last(), undefined);
  });

  it('is spoken of once when it may not be told', async () => {
    const { world, lines, reports } = report(() => true);
    reports.took(catalogOf([a]));
    await world.pass(60_000);
    await reports.close();
    assert.equal(lines.length, 1);
  });

  it('is said of nothing in particular when there is too much for one Lease', async () => {
    const { world, written, reports, has } = report();
    reports.took(catalogOf(Array.from({ length: MOST_MARKS + 1 }, (_, index) => topic(`t${index}`))));
    await world.pass(0);
    assert.ok(JSON.stringify(written[0]).length < 1000);
    assert.equal(has(a), true);
    await reports.close();
  });
});

describe('who is late', () => {
  const now = [topic('a', 2), topic('b'), topic('c', 1, 'billing')];

  async function follow(leases: readonly KubeObject[]) {
    const world = createFakeWorld();
    const changed: string[] = [];
    const events = Promise.withResolvers<void>();
    const client: KubeClient = {
      call: async () => ({ metadata: { resourceVersion: '1' }, items: leases }),
      async *stream() {
        await events.promise;
        yield* [];
      },
      async close() {},
    };
    const outages = { reason: undefined, failed() {}, recovered() {}, pause: () => events.promise };
    const { objects } = catalogOf(now);
    const uptakes = followUptakes({
      client,
      world,
      outages,
      namespace: 'tenfold-system',
      objects: () => objects,
      changed: key => void changed.push(key),
    });
    await uptakes.synced;
    const late = (index: number) => uptakes.late(`Topic/${index}`, now[index] ?? assert.fail());
    return {
      world,
      changed,
      late,
      disk: uptakes.disk,
      async end() {
        events.resolve();
        await uptakes.close();
      },
    };
  }

  /** As a process writes it. */
  async function leaseOf(
    name: string,
    has: readonly SeenObject[],
    namespaces?: readonly string[],
    disk: readonly string[] = [],
    refused: readonly SeenObject[] = [],
  ) {
    const { world, written, reports } = report(undefined, () => disk);
    reports.took(catalogOf(has, refused));
    await world.pass(0);
    const [lease] = written;
    assert.ok(lease);
    await reports.close();
    const annotations = {
      ...lease.metadata.annotations,
      ...(namespaces === undefined ? {} : { 'tenfold.dev/namespaces': namespaces.join(',') }),
    };
    return { ...lease, metadata: { ...lease.metadata, name, annotations } };
  }

  it('is whoever has an older version, and nobody who serves other namespaces', async () => {
    const one = await leaseOf('one', now);
    const two = await leaseOf('two', [topic('a', 1), topic('b')], ['shop']);
    const { late, changed, end } = await follow([one, two]);
    assert.deepEqual(late(0), { names: ['two'], of: 2, why: undefined, forMs: 0 });
    assert.equal(late(1), undefined);
    assert.equal(late(2), undefined);
    assert.deepEqual(changed, ['Topic/a']);
    await end();
  });

  it('is nobody who has been silent for as long as its Lease lasts', async () => {
    const { world, late, changed, end } = await follow([await leaseOf('gone', [])]);
    await world.pass(LEASE_MS - 1);
    assert.deepEqual(late(0), { names: ['gone'], of: 1, why: undefined, forMs: 0 });
    changed.splice(0);
    await world.pass(1);
    assert.equal(late(0), undefined);
    assert.deepEqual(changed, ['Topic/a', 'Topic/b', 'Topic/c']);
    await end();
  });

  it('says why, where it is refused', async () => {
    const [one] = now;
    const { late, end } = await follow([await leaseOf('one', now, undefined, [], one ? [one] : [])]);
    assert.deepEqual(late(0), { names: ['one'], of: 1, why: 'No.', forMs: 0 });
    assert.equal(late(1), undefined);
    await end();
  });

  it('is not who says that its disk fails, which concerns what keeps something there', async () => {
    const full = await leaseOf('full', now, undefined, ['There is no space left.']);
    const { world, late, disk, changed, end } = await follow([full, await leaseOf('sound', now)]);
    assert.deepEqual(disk(), ['There is no space left.']);
    assert.equal(late(0), undefined);
    assert.deepEqual(changed.splice(0), ['Topic/a', 'Topic/b', 'Topic/c']);
    await world.pass(LEASE_MS);
    assert.deepEqual(disk(), [], 'it is believed for as long as its Lease lasts');
    assert.deepEqual(changed, ['Topic/a', 'Topic/b', 'Topic/c']);
    await end();
  });

  it('says for how long, for each version anew', async () => {
    const { world, late, end } = await follow([await leaseOf('slow', [])]);
    assert.equal(late(0)?.forMs, 0);
    await world.pass(3000);
    assert.equal(late(0)?.forMs, 3000);
    now[0] = topic('a', 3);
    assert.equal(late(0)?.forMs, 0);
    await end();
  });
});
