// Compiles FanOuts: the state of their jobs, and a dispatcher each for the parts that divide, work
// and gather.
import { FAN_OUT_PARTITIONS, fanOutLayoutOf, MAX_FAN_OUT_INPUT } from '../../core/fan-outs/layout.ts';
import { COPY_BYTES } from '../../drivers/event-log/event-log.ts';
import { eventRetry } from '../../resources/kinds/calls/retry.ts';
import type { Path, Resource } from '../../resources/resource.ts';
import type { ResourceSet } from '../../resources/resource-set.ts';
import type { DispatchSettings } from '../dispatch/settings.ts';
import type { FanOutSettings } from '../fan-outs/fan-out-settings.ts';
import { placeOf } from '../fan-outs/task.ts';
import type { TrimmedTopic } from './log-trimmer.ts';
import { withinAttempts } from './retry-budget.ts';
import type { ConsumerPlan, TopicPlan } from './topic-plan.ts';

export interface FanOutPlan {
  readonly resource: Resource<'FanOut'>;
  readonly settings: FanOutSettings;
  /** The text differs when the state must be started anew. */
  readonly fingerprint: string;
}

export interface CompiledFanOuts {
  readonly fanOuts: readonly FanOutPlan[];
  readonly topics: readonly TopicPlan[];
  readonly consumers: readonly ConsumerPlan[];
  readonly trimmed: readonly TrimmedTopic[];
}

/**
 * How long folded facts can be folded again, which is needed where the store has lost its newest
 * changes.
 */
const REFOLD_MS = 86_400_000;
/** Jobs that are begun, divided or gathered at the same time. */
const AT_ONCE = 32;

const JOBS_TAKE_TURNS: DispatchSettings['share'] = { by: record => placeOf(record)?.nonce };

export function compileFanOuts(
  resources: ResourceSet,
  topicNameOf: (topic: Resource<'Topic'>) => string,
  report: (severity: 'error', resource: Resource<'FanOut'>, path: Path, message: string) => void = () => {},
): CompiledFanOuts {
  for (const fanOut of resources.ofKind('FanOut')) {
    if ((fanOut.spec.on.http?.maxBody ?? 0) <= MAX_FAN_OUT_INPUT) continue;
    const message =
      'A body that begins a job may have at most 3Mi. Let an upload begin the job, and it may have gigabytes.';
    report('error', fanOut, ['spec', 'on', 'http', 'maxBody'], message);
  }
  const all = resources.ofKind('FanOut').map(fanOut => compileFanOut(fanOut, resources, topicNameOf));
  return {
    fanOuts: all.map(({ plan }) => plan),
    topics: all.flatMap(({ topics }) => topics),
    consumers: all.flatMap(({ consumers }) => consumers),
    trimmed: all.flatMap(({ trimmed }) => trimmed),
  };
}

export function fanOutSettingsOf({ metadata, spec }: Resource<'FanOut'>): FanOutSettings {
  const { namespace, name } = metadata;
  const { complete, worker, gather, result, maxItems } = spec;
  return {
    namespace,
    name,
    layout: fanOutLayoutOf(namespace, name),
    rules: {
      completion: complete,
      deadlineMs: complete.deadline,
      ttlMs: result.ttl,
      gathers: gather !== undefined,
      nested: worker.fanOut,
    },
    maxItems,
    perJob: worker.perJob,
  };
}

function compileFanOut(
  resource: Resource<'FanOut'>,
  resources: ResourceSet,
  topicNameOf: (topic: Resource<'Topic'>) => string,
) {
  const { metadata, spec } = resource;
  const settings = fanOutSettingsOf(resource);
  const { facts, splits, items, gathers, starters } = settings.layout;
  const fingerprint = JSON.stringify({ ...spec, schedules: undefined });
  const { worker, gather, on } = spec;
  const consumer = (role: ConsumerPlan['role'], own: Partial<DispatchSettings> & { group: string; topic: string }) => ({
    role,
    resource,
    settings: { ...common(resource), ...own },
    fingerprint,
  });
  const consumers: ConsumerPlan[] = [
    consumer('splits', { group: splits, topic: splits }),
    consumer('items', {
      group: items,
      topic: items,
      // Without `perJob` items have no keys.
      order: 'key',
      concurrency: worker.concurrency,
      together: true,
      rate: worker.rate,
      batch: worker.batch,
      retry: withinAttempts(worker.retry),
      share: JOBS_TAKE_TURNS,
    }),
  ];
  if (gather)
    consumers.push(consumer('gathers', { group: gathers, topic: gathers, retry: withinAttempts(gather.retry) }));
  const source = on.topic === undefined ? undefined : resources.get('Topic', metadata.namespace, on.topic);
  if (source) consumers.push(consumer('starts', { group: starters, topic: topicNameOf(source), from: 'latest' }));
  const topic = (name: string, partitions: number): TopicPlan => ({
    name,
    settings: { partitions, recordBytes: COPY_BYTES },
    deleteWithResource: false,
  });
  return {
    plan: { resource, settings, fingerprint },
    topics: [
      topic(facts, FAN_OUT_PARTITIONS),
      topic(splits, FAN_OUT_PARTITIONS),
      topic(items, spec.partitions),
      ...(gather ? [topic(gathers, FAN_OUT_PARTITIONS)] : []),
    ],
    consumers,
    trimmed: [
      { topic: facts, group: facts, keepMs: REFOLD_MS },
      { topic: splits, group: splits, keepMs: 0 },
      { topic: items, group: items, keepMs: 0 },
      ...(gather ? [{ topic: gathers, group: gathers, keepMs: 0 }] : []),
    ],
  };
}

function common({ spec }: Resource<'FanOut'>): Omit<DispatchSettings, 'group' | 'topic'> {
  return {
    order: 'none',
    concurrency: AT_ONCE,
    retry: withinAttempts(eventRetry('attempts').parse({})),
    delay: 0,
    onExhausted: 'skip',
    parking: { maxKeys: 1_000_000, maxSize: 1024 ** 3 },
    deadLetterRetention: spec.deadLetter.retention,
    from: 'earliest',
    priority: 5,
    paused: false,
  };
}
