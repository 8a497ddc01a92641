// Ends the parts outside the cluster before a deleted object goes; never holds the object for
// longer than a few minutes.
import { parseTimestamp } from '../../../core/world.ts';
import { reasonOf } from '../../api/outages.ts';
import { apiResourceOf } from '../../api/tenfold-kinds.ts';
import type { SeenObject } from '../../catalog/cluster-catalog.ts';
import { toResource } from '../../catalog/to-resource.ts';
import { OPENFAAS_FINALIZER } from '../../providers/openfaas/names.ts';
import { providerContext } from '../function/run-function.ts';
import { MAX_NOTE, writeEvent } from '../status/events.ts';
import { setFinalizer } from './finalizers.ts';
import type { LookAgain, ReconcileContext } from './reconcile-context.ts';
import { endTopic, TOPIC_FINALIZER } from './topics.ts';

/**
 * Then the object goes, whatever is left elsewhere: a namespace must not hang
 * on something that is gone.
 */
const PATIENCE_MS = 5 * 60_000;
const RETRY_MS = 5000;

interface Held {
  readonly finalizer: string;
  /** The parts that may be left, in words for people. */
  readonly left: string;
  end(): Promise<void>;
}

export async function finalize(context: ReconcileContext, seen: SeenObject, signal: AbortSignal): Promise<LookAgain> {
  const { object, kind } = seen;
  const { name, namespace = 'default', deletionTimestamp = '', finalizers = [] } = object.metadata;
  const held = heldBy(context, seen, signal);
  if (!held || !finalizers.includes(held.finalizer)) return undefined;
  const release = () =>
    setFinalizer({ ...context, signal }, apiResourceOf(kind), object, held.finalizer, false).then(() => undefined);
  let reason: string;
  try {
    await held.end();
    return await release();
  } catch (error) {
    signal.throwIfAborted();
    reason = reasonOf(error);
  }
  const { client, instance, world, log, patienceMs = PATIENCE_MS } = context;
  const left = (parseTimestamp(deletionTimestamp) ?? 0) + patienceMs - world.now();
  if (left > 0) return Math.min(left, RETRY_MS);
  const note = `${held.left} could not be taken away in time and may still be there: ${reason}`.slice(0, MAX_NOTE);
  log('warn', 'an object is let go, and something of it may be left', { object: `${namespace}/${name}`, note });
  const from = { instance, now: world.now(), signal };
  // A failed write of the Event must not hold it either.
  await writeEvent(client, object, { type: 'Warning', reason: 'LeftBehind', note }, from).catch(error =>
    log('warn', 'an Event could not be written', { object: `${namespace}/${name}`, reason: reasonOf(error) }),
  );
  return release();
}

function heldBy(context: ReconcileContext, { kind, object }: SeenObject, signal: AbortSignal): Held | undefined {
  const { name, namespace = 'default' } = object.metadata;
  if (kind === 'Function') {
    return {
      finalizer: OPENFAAS_FINALIZER,
      left: 'The function in OpenFaaS',
      async end() {
        const provider = context.providers.find(one => one.finalizer === OPENFAAS_FINALIZER);
        if (!provider) throw new Error('this operator is not set to any gateway of OpenFaaS');
        await provider.remove({ name, namespace }, providerContext(context, object, signal));
      },
    };
  }
  if (kind !== 'Topic') return undefined;
  return {
    finalizer: TOPIC_FINALIZER,
    left: 'Its events in Kafka',
    async end() {
      const parsed = toResource('Topic', object);
      if (!('resource' in parsed) || parsed.resource.kind !== 'Topic')
        throw new Error('it is not valid, so nobody knows which topic it stands for');
      await endTopic(context, parsed.resource);
    },
  };
}
