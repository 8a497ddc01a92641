// `tenfold operator` as a process, with very many objects at once: how long, how
// many calls, how much memory.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { API_VERSION } from '../../../resources/kinds/index.ts';
import type { Kind } from '../../../resources/kinds/kind-names.ts';
import { removeTempFolders } from '../../cli/temp-folder.ts';
import { eventually } from '../../eventually.ts';
import type { ControlPlane } from '../control-plane.ts';
import { BUILD_AND_START_MS, message, pathOf } from '../installed-crds.ts';
import { buildCli, type OperatorProcess, startOperatorProcess } from './operator-process.ts';
import { asked, kubectl, PLATFORM, startPlane } from './operators.ts';

const FUNCTIONS = 200;
const SUBSCRIPTIONS = 500;
/**
 * What it keeps of them fits; V8 ends a process that keeps more. A bound on resident memory would
 * judge when V8 collects garbage. With 40 MB it would be ended.
 */
const HEAP_MB = 64;
const QUIET_MS = process.env['TENFOLD_NIGHTLY'] ? 600_000 : 3000;

/** The limit of the chart, beyond which the kernel ends the process. */
function mostBytes(): number {
  const values = parse(readFileSync(new URL('../../../charts/tenfold/values.yaml', import.meta.url), 'utf8'));
  const mebibytes = /^(\d+)Mi$/.exec(values.operator.resources.limits.memory)?.[1];
  return Number(mebibytes ?? assert.fail('the chart sets no limit')) * 2 ** 20;
}

describe('tenfold operator', function () {
  this.timeout(600_000 + QUIET_MS);
  let plane: ControlPlane;
  let operator: OperatorProcess;

  before(async function () {
    this.timeout(BUILD_AND_START_MS);
    plane = await startPlane();
    await buildCli();
    operator = await startOperatorProcess(plane, { NODE_OPTIONS: `--max-old-space-size=${HEAP_MB}` });
  });

  after(async () => {
    operator?.child.kill('SIGKILL');
    await plane?.close();
    removeTempFolders();
  });

  async function applyAll(kind: Kind, count: number, specOf: (index: number) => object): Promise<void> {
    const indexes = Array.from({ length: count }, (_, index) => index).values();
    const applyNext = async () => {
      for (const index of indexes) {
        const name = `${kind.toLowerCase()}-${index}`;
        const manifest = {
          apiVersion: API_VERSION,
          kind,
          metadata: { name, namespace: 'default' },
          spec: specOf(index),
        };
        const answer = await plane.client.apply(pathOf(kind, name), manifest);
        assert.ok(answer.status < 300, message(answer));
      }
    };
    await Promise.all(Array.from({ length: 8 }, applyNext));
  }

  it(`takes in ${FUNCTIONS} Functions and ${SUBSCRIPTIONS} Subscriptions at once, as far as Deployments without pods, within its memory`, async () => {
    const { get, apply } = kubectl(plane);
    const began = Date.now();
    await apply('Topic', 'orders', {});
    await applyAll('Function', FUNCTIONS, index => ({ image: `ghcr.io/acme/menu:${index}`, scale: { replicas: 1 } }));
    await applyAll('Subscription', SUBSCRIPTIONS, index => ({
      topic: 'orders',
      to: { function: `function-${index % FUNCTIONS}` },
    }));
    const applied = Date.now();
    const accepted = async (kind: Kind, count: number) => {
      const { items } = await get(pathOf(kind));
      const judged = items.filter(
        ({ metadata, status }: { metadata: { generation: number }; status?: { observedGeneration: number } }) =>
          status?.observedGeneration === metadata.generation,
      );
      return judged.length === count;
    };
    await eventually(
      async () => (await accepted('Subscription', SUBSCRIPTIONS)) && (await accepted('Function', FUNCTIONS)),
      'all are judged',
    );
    const calls = asked(plane, 'operator').filter(call => !/^(list|watch)|leases/.test(call));
    const counts = [...Map.groupBy(calls, call => call)].map(([call, all]) => `${call} ${all.length}`);
    const resident = await operator.mostResidentBytes();
    console.log(
      `      applied in ${applied - began} ms, judged ${Date.now() - applied} ms later; at most ${Math.round(resident / 1e6)} MB; ${counts.join(', ')}`,
    );
    const once = (call: string) => calls.filter(one => one === call).length;
    assert.equal(once('create apps/deployments'), FUNCTIONS);
    assert.ok(once('patch apps/deployments') <= FUNCTIONS * 1.1, counts.join(', '));
    // Being made, and then there; each told once.
    assert.ok(once('patch tenfold.dev/functions/status') <= FUNCTIONS * 3, counts.join(', '));
    assert.ok(once('patch tenfold.dev/subscriptions/status') <= SUBSCRIPTIONS * 2, counts.join(', '));
    assert.ok(resident < mostBytes(), `${Math.round(resident / 1e6)} MB`);
  });

  it('says on its admin port how it does', async () => {
    const { admin } = operator;
    assert.equal((await fetch(`${admin}/healthz`)).status, 200);
    assert.deepEqual(await (await fetch(`${admin}/readyz`)).json(), { ready: true, reasons: [] });
    const metrics = await (await fetch(`${admin}/metrics`)).text();
    assert.match(metrics, /^tenfold_operator_leader 1$/m);
    assert.match(metrics, new RegExp(`^tenfold_operator_objects ${FUNCTIONS + SUBSCRIPTIONS + 1}$`, 'm'));
    assert.match(metrics, /^tenfold_operator_reconcile_errors_total \d+$/m);
    assert.equal((await fetch(`${admin}/api`)).status, 404);
  });

  it(`then writes nothing but its Lease, for ${QUIET_MS / 1000} s`, async () => {
    // An Event comes after the status that it tells of.
    const told = FUNCTIONS + SUBSCRIPTIONS + 1;
    const events = () => asked(plane, 'operator').filter(call => call === 'create events.k8s.io/events').length;
    await eventually(() => events() >= told, `${told} Events`);
    const from = plane.audit().length;
    await new Promise(resolve => setTimeout(resolve, QUIET_MS));
    const calls = asked(plane, 'operator', from).filter(call => !/^watch|leases/.test(call));
    assert.deepEqual(calls, []);
  });

  it('ends when it is told to, and lets go of its Lease', async () => {
    assert.deepEqual(await operator.end('SIGTERM'), [0, null]);
    const lease = await kubectl(plane).get(
      `/apis/coordination.k8s.io/v1/namespaces/${PLATFORM}/leases/tenfold-operator`,
    );
    assert.equal(lease.spec.holderIdentity, '');
  });
});
