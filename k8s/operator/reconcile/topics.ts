// Keeps the topic of a Topic as the resource says, where the operator reaches the log, and deletes
// it with its Topic where the resource asks for that.
import { TenfoldError } from '../../../core/errors.ts';
import { belongsElsewhere, createTopicOwners } from '../../../resources/references/topic-owners.ts';
import { type AnyResource, type Resource, resourceKey } from '../../../resources/resource.ts';
import { createResourceSet } from '../../../resources/resource-set.ts';
import type { KubeObject } from '../../api/kube-object.ts';
import { reasonOf } from '../../api/outages.ts';
import { apiResourceOf } from '../../api/tenfold-kinds.ts';
import { no } from '../status/decide.ts';
import type { Acted } from './acted.ts';
import { setFinalizer } from './finalizers.ts';
import type { ReconcileContext } from './reconcile-context.ts';

/** Holds a deleted Topic, whose events are to go with it, until they are gone. */
export const TOPIC_FINALIZER = 'tenfold.dev/topic-data';

export async function reconcileTopic(
  context: ReconcileContext,
  object: KubeObject,
  topic: Resource<'Topic'>,
  signal: AbortSignal,
): Promise<Acted | undefined> {
  const { topics } = context;
  if (!topics) return undefined;
  const goesWithIt = topic.spec.deletionPolicy === 'Delete' && !topic.spec.external;
  await setFinalizer({ ...context, signal }, apiResourceOf('Topic'), object, TOPIC_FINALIZER, goesWithIt);
  if (topic.spec.external) return undefined;
  try {
    await topics.ensure(topic);
    return undefined;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof TenfoldError && error.code === 'conflict') {
      const workload = { impossible: no('TopicConflict', reasonOf(error)) };
      // Only a person can decide about the conflict. What failed beside it is tried again.
      const { cause } = error;
      return cause instanceof TenfoldError && cause.code !== 'conflict' ? { workload, error: cause } : { workload };
    }
    return { workload: { unknown: no('LogUnavailable', reasonOf(error)), wasReady: false }, error };
  }
}

/**
 * Deletes its events, unless another Topic stands for the same topic. Rejects where they are of
 * another namespace: a deleted resource need not have been in force.
 */
export async function endTopic(context: ReconcileContext, topic: Resource<'Topic'>): Promise<void> {
  const { topics } = context;
  if (!topics) throw new Error('this operator is not set to any Kafka');
  if (topic.spec.external || topic.spec.deletionPolicy !== 'Delete') return;
  const name = topics.nameOf(topic);
  const own = keyOf(topic);
  const inForce = [...context.verdicts().inForce.values()];
  const owner = createTopicOwners(createResourceSet(inForce))(topic);
  if (owner !== undefined) throw new Error(belongsElsewhere(name, owner, topic.metadata.namespace));
  for (const other of inForce)
    if (other.kind === 'Topic' && keyOf(other) !== own && topics.nameOf(other) === name) return;
  await topics.remove(topic);
}

function keyOf({ kind, metadata }: AnyResource): string {
  return resourceKey(kind, metadata.namespace, metadata.name);
}
