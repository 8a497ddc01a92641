// Waits until the applied objects are ready, or until it is clear that they will not become ready
// by themselves.
import type { World } from '../../core/world.ts';
import type { Kind } from '../../resources/kinds/kind-names.ts';
import { type KubeObject, readNumber, readText } from '../api/kube-object.ts';
import { apiResourceOf } from '../api/tenfold-kinds.ts';
import { conditionOf, isReady } from '../operator/status/status.ts';
import type { Applied } from './apply-application.ts';
import { SOURCE_ANNOTATION } from './bundle.ts';
import type { Writer } from './writer.ts';

export interface Waiting {
  readonly kind: Kind;
  readonly namespace: string;
  readonly name: string;
  /** The message of its status, or that it has none yet. */
  readonly message: string;
}

export interface WaitOptions {
  readonly writer: Writer;
  readonly world: Pick<World, 'monotonic'>;
  /** Keeps the process alive meanwhile, which timers of a World do not. */
  pause(ms: number): Promise<void>;
  readonly timeoutMs: number;
  /** Called with the number of ready objects after each check. */
  progress(ready: number, total: number): void;
}

const LOOK_EVERY_MS = 250;
/** Things that need one another come to be valid one after the other. */
const STALLED_FOR_MS = 5000;
/** The newest version of a Function does not start. Its pods may be refused for a moment. */
const BROKEN_FOR_MS = 1000;

/**
 * Resolves to the objects that are not ready, those first that get no further by themselves; none
 * when all are. It does not wait for the others once a Function does not start.
 */
export async function waitReady(applied: readonly Applied[], options: WaitOptions): Promise<readonly Waiting[]> {
  const { world, timeoutMs, pause } = options;
  const wanted = applied.filter(({ action }) => action !== 'deleted');
  const until = world.monotonic() + timeoutMs;
  let stalledSince: number | undefined;
  let brokenSince: number | undefined;
  for (;;) {
    const { waiting, stalled, broken } = await look(options.writer, wanted);
    options.progress(wanted.length - waiting.length, wanted.length);
    const now = world.monotonic();
    if (waiting.length === 0 || now >= until) return waiting;
    stalledSince = stalled < waiting.length ? undefined : (stalledSince ?? now);
    brokenSince = broken === 0 ? undefined : (brokenSince ?? now);
    if (stalledSince !== undefined && now - stalledSince >= STALLED_FOR_MS) return waiting;
    if (brokenSince !== undefined && now - brokenSince >= BROKEN_FOR_MS) return waiting;
    await pause(LOOK_EVERY_MS);
  }
}

async function look(writer: Writer, wanted: readonly Applied[]) {
  const waiting: Waiting[] = [];
  const stuck: Waiting[] = [];
  let broken = 0;
  const groups = Map.groupBy(wanted, ({ kind, namespace }) => `${kind}/${namespace}`);
  for (const group of groups.values()) {
    const [first] = group;
    if (first === undefined) continue;
    const objects = (await writer.list(apiResourceOf(first.kind), first.namespace)) ?? [];
    const byName = new Map(objects.map(object => [object.metadata.name, object]));
    for (const { kind, namespace, name } of group) {
      const object = byName.get(name);
      if (object !== undefined && isDone(object)) continue;
      const list = object !== undefined && isStalled(object) ? stuck : waiting;
      list.push({ kind, namespace, name, message: messageOf(object) });
      if (object !== undefined && isBroken(object)) broken += 1;
    }
  }
  return { waiting: [...stuck, ...waiting], stalled: stuck.length, broken };
}

function messageOf(object: KubeObject | undefined): string {
  if (object === undefined) return 'It has been deleted meanwhile.';
  const ready = conditionOf(object, 'Ready');
  const isOld = readNumber(object, 'status', 'observedGeneration') !== object.metadata.generation;
  if (ready === undefined || isOld) return 'No operator has looked at it yet.';
  if (isStalled(object)) return conditionOf(object, 'Stalled')?.message ?? 'It gets no further by itself.';
  if (isReady(object)) return 'Its newest code is being rolled out.';
  return ready.message ?? ready.reason ?? 'It is not ready.';
}

/**
 * For a Function it also checks that all its instances run the newest version, or that this is a
 * canary. New code is no new generation, and the version before may still answer.
 */
function isDone(object: KubeObject): boolean {
  if (!isReady(object) || isStalled(object)) return false;
  const code = object.metadata.annotations?.[SOURCE_ANNOTATION];
  if (object.kind !== 'Function' || code === undefined) return true;
  const progressing = conditionOf(object, 'Progressing');
  const isThere = progressing?.status === 'False' || progressing?.reason === 'Canary';
  return readText(object, 'status', 'source') === code && isThere;
}

/** New code is no new generation: until its pods are made, the status is that of earlier code. */
function isBroken(object: KubeObject): boolean {
  const code = object.metadata.annotations?.[SOURCE_ANNOTATION];
  const isNewest = code === undefined || readText(object, 'status', 'source') === code;
  return isNewest && isStalled(object) && conditionOf(object, 'Stalled')?.reason === 'Unavailable';
}

function isStalled(object: KubeObject): boolean {
  const stalled = conditionOf(object, 'Stalled');
  return stalled?.status === 'True' && stalled.observedGeneration === object.metadata.generation;
}
