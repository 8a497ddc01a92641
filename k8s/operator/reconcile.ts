// Reconciles one object: gathers what is known, decides what is the case, makes what is missing, and says so in its status.
import { toTimestamp, type World } from '../../core/world.ts';
import type { Kind } from '../../resources/kinds/index.ts';
import type { AnyResource, Resource } from '../../resources/resource.ts';
import type { KubeClient } from '../api/kube-client.ts';
import { isConflict, isNotFound, isRefused } from '../api/kube-error.ts';
import {
  type ApiResource,
  type KubeObject,
  objectPath,
  readNumber,
  readText,
  toKubeObject,
} from '../api/kube-object.ts';
import { type Log, reasonOf } from '../api/outages.ts';
import { apiResourceOf } from '../api/tenfold-kinds.ts';
import type { SeenObject, Verdicts } from '../catalog/cluster-catalog.ts';
import { codeName, withRuntime } from '../providers/code.ts';
import { MANAGER } from '../providers/deployment/names.ts';
import type { FunctionProvider } from '../providers/provider.ts';
import { applyObjects, NameTakenError } from './apply.ts';
import { decide, no, type Workload } from './decide.ts';
import { notesOn, writeEvent } from './events.ts';
import type { Needs } from './needs.ts';
import type { Quiet } from './quiet.ts';
import { type Rest, restOf } from './rest.ts';
import { sleeping } from './sleep.ts';
import { isReady, type Status, toStatus } from './status.ts';

export interface ReconcileContext {
  readonly client: KubeClient;
  readonly world: World;
  readonly log: Log;
  /** Name of this process in Events. */
  readonly instance: string;
  readonly platformNamespace: string;
  /** Image that Functions with a `source` run in. */
  readonly functionImage: string | undefined;
  readonly providers: readonly FunctionProvider[];
  readonly quiet: Quiet;
  seen(key: string): SeenObject | undefined;
  verdicts(): Verdicts;
  needs(): Needs;
  /** Objects that belong to the Function with this uid. */
  ownedBy(namespace: string, uid: string): readonly KubeObject[];
  resourceOf(object: KubeObject): ApiResource;
  /** Is told what the API server made of each write. */
  wrote(object: KubeObject): void;
}

/** Milliseconds after which to look again though nothing changed; undefined when there is no need. */
export type LookAgain = number | undefined;

/** Whether a name became free is told by nobody. */
const NAME_TAKEN_MS = 30_000;

export async function reconcile(context: ReconcileContext, key: string, signal: AbortSignal): Promise<LookAgain> {
  const seen = context.seen(key);
  // What belonged to it goes with it: Kubernetes' garbage collector follows the owner references.
  if (!seen || seen.object.metadata.deletionTimestamp !== undefined) return undefined;
  const { inForce, problems } = context.verdicts();
  const resource = inForce.get(key);
  const rest = resource?.kind === 'Function' ? lookAtRest(context, key, seen.object, resource) : undefined;
  const acted =
    resource?.kind === 'Function' ? await actAtRest(context, seen.object, resource, rest, signal) : undefined;
  const findings = decide({
    inForce: resource,
    problems: problems.get(key) ?? [],
    waitsFor: waitsFor(context, key),
    workload: acted?.workload,
    rest: rest?.is,
  });
  const figures = { ...figuresOf(seen.kind, resource, acted?.workload), ...rest?.figures };
  const status = toStatus(seen.object, findings, figures, toTimestamp(context.world.now()).replace(/\.\d+Z$/, 'Z'));
  // Somebody may just have called it.
  await writeStatus(context, seen, status, signal, rest?.fallsAsleep);
  if (acted?.error !== undefined) throw acted.error;
  return soonest(acted?.lookAgain, rest?.lookAgainMs);
}

function soonest(one: LookAgain, other: LookAgain): LookAgain {
  return one === undefined || other === undefined ? (one ?? other) : Math.min(one, other);
}

function lookAtRest(context: ReconcileContext, key: string, object: KubeObject, fn: Resource<'Function'>) {
  const { uid = '', namespace = 'default' } = object.metadata;
  return restOf(context.quiet, key, object, fn, context.ownedBy(namespace, uid));
}

/** One that falls asleep says so first, so that calls wait from then on; what runs it goes when it has been said. */
async function actAtRest(
  context: ReconcileContext,
  object: KubeObject,
  fn: Resource<'Function'>,
  rest: Rest | undefined,
  signal: AbortSignal,
): Promise<Acted> {
  if (!rest?.fallsAsleep) return actOn(context, object, rest?.is === 'asleep' ? sleeping(fn) : fn, signal);
  const text = (name: string) => readText(object, 'status', name) ?? '';
  const replicas = readNumber(object, 'status', 'replicas') ?? 0;
  const figures = { replicas, url: text('url'), selector: text('selector') };
  return { workload: { observed: { state: 'stopped', changing: false, message: '', ...figures } }, lookAgain: SAID_MS };
}

/** By then a gateway knows, as a rule; instances take calls for some seconds more. */
const SAID_MS = 200;

interface Acted {
  readonly workload: Workload | undefined;
  readonly lookAgain?: number;
  /** Tells the queue to come again, after the status has been written. */
  readonly error?: unknown;
}

async function actOn(
  context: ReconcileContext,
  object: KubeObject,
  fn: Resource<'Function'>,
  signal: AbortSignal,
): Promise<Acted> {
  const { uid = '', name } = object.metadata;
  const { namespace } = fn.metadata;
  if (fn.spec.url !== undefined) {
    // It may have been an image until now.
    await applyObjects({ ...context, signal }, uid, [], context.ownedBy(namespace, uid));
    return { workload: undefined };
  }
  const runnable = withRuntime(fn, context.functionImage);
  if (runnable === undefined) return { workload: { impossible: no('NeedsImage', NEEDS_IMAGE) } };
  const provider = providerOf(context.providers, fn);
  if (!provider) return { workload: { impossible: no('NoProvider', noProvider(fn, context.providers)) } };
  const owner = { apiVersion: object.apiVersion, kind: object.kind, name, uid, controller: true };
  const wanted = provider.wanted(runnable, { owner, platformNamespace: context.platformNamespace });
  try {
    await applyObjects({ ...context, signal }, uid, wanted, context.ownedBy(namespace, uid));
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof NameTakenError) {
      return { workload: { impossible: no('NameTaken', error.message) }, lookAgain: NAME_TAKEN_MS };
    }
    if (isRefused(error)) return { workload: { impossible: no('Refused', error.message) }, error };
    throw error;
  }
  const observed = provider.observe(fn, context.ownedBy(namespace, uid), context.world.now());
  return { workload: { observed } };
}

const NEEDS_IMAGE =
  'The code that spec.source names is a file, which is not in the cluster. Bring it there with "tenfold apply", or name an image in spec.image.';

/** Without one that is named the best of those that there are. */
function providerOf(
  providers: readonly FunctionProvider[],
  { spec }: Resource<'Function'>,
): FunctionProvider | undefined {
  return spec.provider === undefined ? providers[0] : providers.find(({ name }) => name === spec.provider);
}

function noProvider({ spec }: Resource<'Function'>, providers: readonly FunctionProvider[]): string {
  const there = providers.map(({ name }) => name).join(', ');
  return `There is no provider "${spec.provider}" here. Leave spec.provider out, or take one of: ${there}.`;
}

function waitsFor({ needs, seen }: ReconcileContext, key: string): string[] {
  return needs()
    .functionsOf(key)
    .filter(one => {
      const found = seen(one);
      return found === undefined || !isReady(found.object);
    })
    .map(one => one.split('/').at(-1) ?? one);
}

function figuresOf(kind: Kind, resource: AnyResource | undefined, workload: Workload | undefined) {
  if (kind !== 'Function') return {};
  if (workload && 'observed' in workload) {
    const { url, replicas, selector } = workload.observed;
    return { url, replicas, selector, source: resource?.kind === 'Function' ? codeName(resource) : undefined };
  }
  return { url: resource?.kind === 'Function' ? resource.spec.url : undefined };
}

async function writeStatus(
  context: ReconcileContext,
  { kind, object }: SeenObject,
  status: Status,
  signal: AbortSignal,
  /** Only if nothing of the object has changed since it was looked at. */
  unchanged = false,
): Promise<void> {
  if (sameStatus(object, status)) return;
  const { client, world, instance, log, wrote } = context;
  const { name, namespace = 'default', uid, resourceVersion } = object.metadata;
  // With the uid, so that one that has taken its place meanwhile is not written to.
  const metadata = { name, namespace, uid, ...(unchanged ? { resourceVersion } : {}) };
  const body = { apiVersion: object.apiVersion, kind, metadata, status };
  const path = `${objectPath(apiResourceOf(kind), namespace, name)}/status`;
  const query = { fieldManager: MANAGER, force: true };
  try {
    const answer = await client.call('PATCH', path, {
      query,
      body,
      contentType: 'application/apply-patch+yaml',
      signal,
    });
    const written = toKubeObject(answer);
    if (written) wrote(written);
  } catch (error) {
    if (isNotFound(error) || isConflict(error)) return;
    throw error;
  }
  for (const note of notesOn(object, status)) {
    // An Event that is lost changes nothing.
    await writeEvent(client, object, note, { instance, now: world.now(), signal }).catch(error => {
      if (!signal.aborted)
        log('warn', 'an Event could not be written', { object: `${namespace}/${name}`, reason: reasonOf(error) });
    });
  }
}

/** Only our part of it is compared: the gateway and the workers report theirs. */
function sameStatus(object: KubeObject, wanted: Status): boolean {
  const live = object['status'];
  if (typeof live !== 'object' || live === null) return false;
  const { conditions, ...figures } = wanted;
  const known = Object.entries(figures).every(([name, value]) => (live as Record<string, unknown>)[name] === value);
  const before = 'conditions' in live && Array.isArray(live.conditions) ? live.conditions : [];
  return (
    known && before.length === conditions.length && conditions.every((one, index) => sameCondition(before[index], one))
  );
}

function sameCondition(before: unknown, now: object): boolean {
  return (
    typeof before === 'object' &&
    before !== null &&
    Object.entries(now).every(([name, value]) => (before as Record<string, unknown>)[name] === value)
  );
}
