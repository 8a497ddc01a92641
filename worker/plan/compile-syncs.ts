// Compiles the consumers that write the changes of a Strangler's features back into legacy. Each
// leaves out changes that came from there.
import { originOfRecord, parseOrigins } from '../../core/cloudevents/origins.ts';
import { syncGroupOf } from '../../core/names.ts';
import type { LogRecord } from '../../drivers/event-log/event-log.ts';
import { subscriptionSpec } from '../../resources/kinds/subscription.ts';
import type { Finding, Path, Resource } from '../../resources/resource.ts';
import type { ResourceSet } from '../../resources/resource-set.ts';
import { subscriptionSettings } from './settings.ts';
import type { ConsumerPlan, SyncPlan } from './topic-plan.ts';

type Report = (severity: Finding['severity'], resource: Resource<'Strangler'>, path: Path, message: string) => void;
type Feature = Resource<'Strangler'>['spec']['features'][number];

/** Names the log's topic of a Topic. */
type TopicNamer = (topic: Resource<'Topic'>) => string;

export function compileSyncs(resources: ResourceSet, logTopicOf: TopicNamer, report: Report): ConsumerPlan[] {
  return resources.ofKind('Strangler').flatMap(strangler =>
    strangler.spec.features.flatMap((feature, index): ConsumerPlan[] => {
      const { sync } = feature;
      if (sync === undefined) return [];
      const path = ['spec', 'features', index, 'sync'];
      for (const [at, target] of [sync.to].flat().entries()) {
        const place = [...path, 'to', ...(Array.isArray(sync.to) ? [at] : [])];
        if (target.view !== undefined) report('error', strangler, [...place, 'view'], 'A View is no part of legacy.');
        if (target.topic !== sync.topic) continue;
        const message = 'Changes must not be written back into the topic they come from.';
        report('error', strangler, [...place, 'topic'], message);
      }
      const topic = resources.get('Topic', strangler.metadata.namespace, sync.topic);
      return topic ? [planOf(strangler, feature, sync, topic, logTopicOf(topic))] : [];
    }),
  );
}

function planOf(
  strangler: Resource<'Strangler'>,
  feature: Feature,
  { topic: name, to, maxLag }: NonNullable<Feature['sync']>,
  topic: Resource<'Topic'>,
  logTopic: string,
): ConsumerPlan {
  const { namespace, name: facade } = strangler.metadata;
  const origin = `${namespace}/${facade}`;
  const sync: SyncPlan = { strangler: facade, feature: feature.name, origin, maxLagMs: maxLag, kept: { returned: 0 } };
  const resource: Resource<'Subscription'> = {
    kind: 'Subscription',
    metadata: { ...strangler.metadata, name: `${facade}.${feature.name}` },
    // A later change must not overtake an earlier one of the same key that legacy has not got, and
    // no change may be lost in silence. So a refused change waits for a person. Changes from before
    // the sync are written back, too.
    spec: subscriptionSpec.parse({ topic: name, to, onExhausted: 'hold', from: 'earliest' }),
    manifest: strangler.manifest,
    origin: strangler.origin,
    locate: strangler.locate,
  };
  const settings = subscriptionSettings(resource, logTopic, topic.spec.retention);
  return {
    role: 'sync',
    sync,
    resource,
    settings: { ...settings, group: syncGroupOf(namespace, facade, feature.name), filter: leaveOut(sync, namespace) },
    fingerprint: JSON.stringify([resource.spec, topic.spec.partitions, topic.spec.retention, maxLag]),
  };
}

/** Changes that have been in this legacy system already are no news there. */
function leaveOut({ origin, kept }: SyncPlan, namespace: string): (record: LogRecord) => boolean {
  return record => {
    if (!parseOrigins(originOfRecord(record), namespace).includes(origin)) return true;
    kept.returned++;
    return false;
  };
}
