// `tenfold get` against a platform in a cluster: whether each kind is accepted and ready it says as
// the object's status does, in the same words.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import { type Kind, kindNames } from '../../../resources/kinds/kind-names.ts';
import { runCli } from '../../cli/run-cli.ts';
import { removeTempFolders } from '../../cli/temp-folder.ts';
import { eventually } from '../../eventually.ts';
import { type KubeObjects, observeObjects, type SeenCondition } from '../../observers/kube-objects.ts';
import type { ControlPlane } from '../control-plane.ts';
import { BUILD_AND_START_MS } from '../installed-crds.ts';
import { CONTROLLERS, kubectl, startPlane } from '../operator/operators.ts';
import { ADMIN_TOKEN, type ServingProcess, startServing } from '../serving/serving-process.ts';

interface Applied {
  readonly kind: Kind;
  readonly metadata: { readonly name: string };
  readonly spec: Readonly<Record<string, unknown>>;
}

const application: readonly Applied[] = parseAllDocuments(
  readFileSync(new URL('../application/all-kinds.yaml', import.meta.url), 'utf8'),
).map(document => document.toJS());

/** Each leads to something that is not there. */
const broken: readonly Applied[] = [
  { kind: 'Api', spec: { routes: [{ match: { path: '/nobody' }, to: { function: 'nobody' } }] } },
  { kind: 'Subscription', spec: { topic: 'nothing', to: { function: 'nobody' } } },
  { kind: 'Queue', spec: { to: { function: 'nobody' } } },
].map(each => ({ ...each, metadata: { name: 'broken' } }) as Applied);
/** One whose image never comes up, and one that is switched off. */
const away: readonly Applied[] = [
  { kind: 'Function', metadata: { name: 'stays-away' }, spec: { image: 'ghcr.io/acme/away:1' } },
  { kind: 'Function', metadata: { name: 'off' }, spec: { image: 'ghcr.io/acme/off:1', scale: { replicas: 0 } } },
];

describe('tenfold get in a cluster', () => {
  const all = [...application, ...broken, ...away];
  let plane: ControlPlane;
  let objects: KubeObjects;
  let serving: ServingProcess;
  let admin: string;

  before(async function () {
    this.timeout(BUILD_AND_START_MS);
    plane = await startPlane();
    objects = observeObjects(plane);
    await plane.startControllers(CONTROLLERS);
    serving = startServing(plane, { role: 'serve', component: 'operator', words: ['--operator'] });
    ({ admin } = await serving.addresses());
    for (const { kind, metadata, spec } of all) await kubectl(plane).apply(kind, metadata.name, spec);
  });
  after(async () => {
    await serving?.end('SIGKILL');
    await plane?.close();
    removeTempFolders();
  });

  const ofCluster = async ({ kind, metadata }: Applied): Promise<readonly SeenCondition[]> =>
    acceptedAndReady(await objects.conditionsOf(kind, metadata.name));
  const ofCommand = async ({ kind, metadata }: Applied): Promise<readonly SeenCondition[]> => {
    const words = ['get', kind.toLowerCase(), metadata.name, '--namespace', 'default', '--output', 'json'];
    const flags = ['--admin', admin, '--token', ADMIN_TOKEN];
    const { code, stdout, stderr } = await runCli([...words, ...flags]);
    assert.equal(code, 0, stderr);
    return acceptedAndReady(JSON.parse(stdout).conditions);
  };

  it('has all ten kinds to speak of', () => {
    assert.deepEqual([...new Set(all.map(({ kind }) => kind))].toSorted(), [...kindNames].toSorted());
  });

  for (const one of all)
    it(`says of the ${one.kind} ${one.metadata.name} what kubectl says`, async () => {
      let seen: unknown;
      const agree = async () => {
        const [theirs, ours] = [await ofCluster(one), await ofCommand(one)];
        seen = { theirs, ours };
        return theirs.some(({ type }) => type === 'Ready') && JSON.stringify(theirs) === JSON.stringify(ours);
      };
      await eventually(agree, 'both say the same').catch(() => assert.fail(JSON.stringify(seen, undefined, 1)));
    });
});

const acceptedAndReady = (conditions: readonly SeenCondition[]): readonly SeenCondition[] =>
  conditions.flatMap(({ type, status, reason, message }) =>
    type === 'Accepted' || type === 'Ready' ? [{ type, status, reason, message }] : [],
  );
