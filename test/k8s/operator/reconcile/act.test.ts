// What is done about a Function that nobody calls, whichever provider runs it: a Deployment is put
// to sleep, and one that moves is not in between.
import assert from 'node:assert/strict';
import { KubeError } from '../../../../k8s/api/kube-error.ts';
import type { KubeObject } from '../../../../k8s/api/kube-object.ts';
import { CUTOVER_MS, createCutover } from '../../../../k8s/operator/function/cutover.ts';
import { act, putToRest } from '../../../../k8s/operator/reconcile/act.ts';
import { reconcile } from '../../../../k8s/operator/reconcile/reconcile.ts';
import type { ReconcileContext } from '../../../../k8s/operator/reconcile/reconcile-context.ts';
import { createIdleTracker } from '../../../../k8s/operator/sleep/idle-tracker.ts';
import { PROVIDER_LABEL } from '../../../../k8s/providers/object-provider.ts';
import type { FunctionProvider, Observation, ProviderName } from '../../../../k8s/providers/provider.ts';
import { API_VERSION } from '../../../../resources/kinds/index.ts';
import { createFakeWorld } from '../../../fakes/fake-world.ts';
import { functionOf } from '../../function-of.ts';

const KEY = 'Function/default/menu';
const up: Observation = {
  state: 'ready',
  changing: false,
  message: '1 of 1.',
  url: 'http://fn-menu',
  replicas: 1,
  selector: 'a=b',
};
const conditions = (reason: string) => [{ type: 'Ready', status: 'True', reason, message: '', observedGeneration: 1 }];
const AWAKE = {
  url: 'http://fn-menu',
  replicas: 1,
  selector: 'a=b',
  calledAt: 'one',
  conditions: conditions('Available'),
};
const ASLEEP = { ...AWAKE, asleepAfter: 'one', conditions: conditions('Asleep') };

const objectWith = (status: object): KubeObject => ({
  apiVersion: API_VERSION,
  kind: 'Function',
  metadata: { name: 'menu', namespace: 'default', uid: 'u', generation: 1 },
  spec: {},
  status,
});
/** As the provider has made it. */
const madeBy = (name: ProviderName): KubeObject => ({
  apiVersion: name === 'knative' ? 'serving.knative.dev/v1' : 'apps/v1',
  kind: name === 'knative' ? 'Service' : 'Deployment',
  metadata: { name: 'fn-menu', namespace: 'default', generation: 1, labels: { [PROVIDER_LABEL]: name } },
  spec: { replicas: 1 },
  status: { observedGeneration: 1, replicas: 1 },
});

/** How a provider turns a Function away, or does not get there yet. */
type TurnedAway = 'refused' | 'unsupported' | 'starting';

function start(made: readonly ProviderName[], preferred?: ProviderName, turnedAway?: TurnedAway) {
  const world = createFakeWorld();
  /** `provider: replicas` of each run, `removed` of each end. */
  const did: string[] = [];
  const provider = (name: ProviderName): FunctionProvider => ({
    name,
    resources: [],
    looksAt: [],
    needs: undefined,
    finalizer: undefined,
    holds: ({ objects }) => objects.some(({ metadata }) => metadata.labels?.[PROVIDER_LABEL] === name),
    async run(fn) {
      if (turnedAway === 'unsupported') return { unsupported: 'It cannot.' };
      if (turnedAway === 'refused') throw new KubeError('forbidden', 'The namespace is being terminated.', 403, {});
      if (turnedAway === 'starting') return { observed: { ...up, state: 'starting' } };
      did.push(`${name}: ${fn.spec.scale.replicas ?? 'as it likes'}`);
      return { observed: up };
    },
    inspect: async () => up,
    remove: async () => void did.push(`${name} removed`),
  });
  const providers = [provider('knative'), provider('deployment')];
  const statuses: { conditions: { type: string; status: string; reason: string }[]; url?: string; traffic?: object }[] =
    [];
  const context = {
    world,
    log: () => {},
    providers,
    preferred,
    available: () => providers,
    idleTracker: createIdleTracker(world),
    cutover: createCutover(world),
    runtime: { image: undefined },
    platformNamespace: 'tenfold-system',
    settingsVersionOf: () => undefined,
    functionLabels: [],
    podsOf: () => [],
    ownedBy: () => made.map(madeBy),
    late: () => undefined,
    disk: () => [],
    wrote: () => {},
    client: {
      async call(_method: string, _path: string, { body }: { body: { status?: (typeof statuses)[number] } }) {
        if (body.status) statuses.push(body.status);
        return {};
      },
    },
  } as unknown as ReconcileContext;
  return { world, did, statuses, context };
}

describe('A Function that nobody calls', () => {
  const signal = new AbortController().signal;
  const spec = { image: 'acme/menu:1', scale: { idle: '60s' } };

  /** Looks at it now, and again when it was quiet for `quietMs`. */
  async function look(
    more: object,
    made: readonly ProviderName[],
    status: object,
    quietMs: number,
    preferred?: ProviderName,
  ) {
    const { world, did, context } = start(made, preferred);
    const [fn, object] = [functionOf({ ...spec, ...more }), objectWith(status)];
    putToRest(context, KEY, object, fn);
    await world.pass(quietMs);
    const rest = putToRest(context, KEY, object, fn);
    const acted = await act(context, object, fn, rest, signal);
    /**
     * What it does when its status says what it has been found to be, and has done so for a while.
     */
    const later = async () => {
      const said = objectWith({ ...status, url: up.url });
      await act(context, said, fn, rest, signal);
      await world.pass(CUTOVER_MS);
      await act(context, said, fn, rest, signal);
      return [...new Set(did)];
    };
    return { rest: rest?.is, fallsAsleep: rest?.fallsAsleep, did, acted, later };
  }

  it('says first that it falls asleep, so that calls wait from then on, and is still reached where it was', async () => {
    const { rest, fallsAsleep, did, acted } = await look({}, ['deployment'], AWAKE, 90_000);
    assert.deepEqual([rest, fallsAsleep, did], ['asleep', true, []]);
    assert.ok(acted?.workload && 'observed' in acted.workload);
    const { state, url, replicas } = acted.workload.observed;
    assert.deepEqual([state, url, replicas, acted.lookAgain], ['stopped', 'http://fn-menu', 1, 200]);
  });

  it('has all of its time from when it answers, however long it took to wake', async () => {
    const { world, context } = start(['deployment']);
    const fn = functionOf(spec);
    const ready = (reason: string) => objectWith({ ...AWAKE, conditions: [{ type: 'Ready', status: 'True', reason }] });
    putToRest(context, KEY, ready('Waking'), fn);
    await world.pass(300_000);
    assert.equal(putToRest(context, KEY, ready('Available'), fn)?.is, 'awake');
    await world.pass(89_000);
    assert.equal(putToRest(context, KEY, ready('Available'), fn)?.is, 'awake');
    await world.pass(1_000);
    assert.equal(putToRest(context, KEY, ready('Available'), fn)?.is, 'asleep');
  });

  const rows: readonly [
    name: string,
    more: object,
    made: readonly ProviderName[],
    status: object,
    preferred: ProviderName | undefined,
    rest: string | undefined,
    did: readonly string[],
  ][] = [
    ['a Deployment that sleeps has no instance', {}, ['deployment'], ASLEEP, undefined, 'asleep', ['deployment: 0']],
    [
      'a Deployment that is called again has some',
      {},
      ['deployment'],
      { ...ASLEEP, calledAt: 'two' },
      undefined,
      'waking',
      ['deployment: as it likes'],
    ],
    ['Knative is left to itself', {}, ['knative'], AWAKE, undefined, undefined, ['knative: as it likes']],
    [
      'Knative is left to itself where Functions ask for it',
      { provider: 'knative' },
      ['knative'],
      AWAKE,
      undefined,
      undefined,
      ['knative: as it likes'],
    ],
    [
      'one that moves to Knative runs until that answers',
      { provider: 'knative' },
      ['deployment'],
      AWAKE,
      undefined,
      undefined,
      ['knative: as it likes', 'deployment removed'],
    ],
    [
      'one that moves to what the operator prefers does, too',
      {},
      ['deployment'],
      AWAKE,
      'knative',
      undefined,
      ['knative: as it likes', 'deployment removed'],
    ],
    [
      'one that moves from Knative does, too',
      { provider: 'deployment' },
      ['deployment', 'knative'],
      AWAKE,
      undefined,
      undefined,
      ['deployment: as it likes', 'knative removed'],
    ],
    [
      'one that sleeps and moves wakes for it',
      { provider: 'knative' },
      ['deployment'],
      ASLEEP,
      undefined,
      'waking',
      ['knative: as it likes', 'deployment removed'],
    ],
  ];
  for (const [name, more, made, status, preferred, expected, expectedDid] of rows) {
    it(name, async () => {
      const { rest, did, later } = await look(more, made, status, 90_000, preferred);
      assert.deepEqual([rest, did], [expected, expectedDid.slice(0, 1)]);
      assert.deepEqual(await later(), expectedDid);
    });
  }

  async function lookAndSay(turnedAway: TurnedAway, more: object, made: ProviderName = 'deployment', said = {}) {
    const { statuses, context } = start([made], undefined, turnedAway);
    const object = objectWith({ ...AWAKE, ...said, conditions: [] });
    const inForce = new Map([[KEY, functionOf({ ...spec, ...more })]]);
    const seeing = {
      ...context,
      seen: () => ({ kind: 'Function', object }),
      verdicts: () => ({ inForce, problems: new Map() }),
      needs: () => ({ functionsOf: () => [], dependentsOf: () => [] }),
    } as unknown as ReconcileContext;
    const error = await reconcile(seeing, KEY, signal).catch(String);
    const [status] = statuses;
    const reason = status?.conditions.find(({ type }) => type === 'Ready')?.reason;
    return { error, url: status?.url, reason, traffic: status?.traffic };
  }

  it('runs on where it is when a change of what runs it is refused', async () => {
    const { error, url, reason } = await lookAndSay('refused', { scale: { min: 1 } });
    assert.match(String(error), /being terminated/);
    assert.deepEqual([url, reason], ['http://fn-menu', 'Refused']);
  });

  it('runs on where it is when its provider cannot run what it was changed to', async () => {
    const { url, reason } = await lookAndSay('unsupported', { scale: { min: 1 } });
    assert.deepEqual([url, reason], ['http://fn-menu', 'Unsupported']);
  });

  it('has the division of its calls that it had until it has moved: it is not promoted', async () => {
    const traffic = [{ tag: 'stable' }, { tag: 'canary' }];
    const found = await lookAndSay('starting', { provider: 'deployment' }, 'knative', { traffic });
    assert.deepEqual([found.reason, found.traffic], ['Available', traffic]);
  });

  it('is not put to sleep while it asks for a canary, which a Deployment is refused for', async () => {
    const { rest, fallsAsleep } = await look({ canary: {} }, ['deployment'], AWAKE, 90_000);
    assert.deepEqual([rest, fallsAsleep], [undefined, undefined]);
  });
});
