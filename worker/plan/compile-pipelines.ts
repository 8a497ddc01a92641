// Compiles Pipelines to their plans; reports settings that cannot be honoured here.

import { pipelineGroupOf, topicOf } from '../../core/names.ts';
import { parseTimestamp } from '../../core/world.ts';
import type { Resource } from '../../resources/resource.ts';
import type { ResourceSet } from '../../resources/resource-set.ts';
import type { Beginning } from '../dispatch/group/seek-beginning.ts';
import { compileTopology } from '../pipelines/compile-topology.ts';
import { checkPipeline, type ReportPipeline } from './check-pipeline.ts';
import type { TrimmedTopic } from './log-trimmer.ts';
import { type PipelineSettings, readerTopicOf } from './reader-topic.ts';

export interface PipelinePlan {
  readonly resource: Resource<'Pipeline'>;
  readonly settings: PipelineSettings;
  /** The text differs when the pipeline must be started anew. */
  readonly fingerprint: string;
}

/** Topics that the pipelines alone read, each by the group of the same name. */
export function internalTopics(plans: readonly PipelinePlan[], keepMs: number): TrimmedTopic[] {
  return plans.flatMap(({ settings }) => {
    const { topology } = settings;
    return [...topology.readers, ...topology.windows, ...topology.calling].map(({ id }) => {
      const topic = readerTopicOf(settings, id);
      return { topic, group: topic, keepMs };
    });
  });
}

export function compilePipelines(resources: ResourceSet, report: ReportPipeline): PipelinePlan[] {
  return resources.ofKind('Pipeline').flatMap(pipeline => {
    checkPipeline(pipeline, resources, report);
    const { metadata, spec } = pipeline;
    const { namespace, name } = metadata;
    // References were checked before: a missing Topic is an error already.
    const topic = resources.get('Topic', namespace, spec.from.topic);
    if (topic === undefined) return [];
    const settings: PipelineSettings = {
      namespace,
      name,
      group: pipelineGroupOf(namespace, name),
      topic: topic.spec.kafka?.topic ?? topicOf(namespace, spec.from.topic),
      partitions: topic.spec.partitions,
      start: toBeginning(spec.from.start),
      topology: compileTopology(pipeline, topic, isByKey(topic, resources)),
    };
    return [{ resource: pipeline, settings, fingerprint: JSON.stringify([spec, topic.spec.partitions]) }];
  });
}

/**
 * False where others write to it, or Pipelines do under keys of their own. Then events of one key
 * may be in several partitions.
 */
function isByKey({ metadata, spec }: Resource<'Topic'>, resources: ResourceSet): boolean {
  if (spec.external || spec.kafka?.topic !== undefined) return false;
  const isOther = ({ topic, key }: { readonly topic?: string | undefined; readonly key?: string | undefined }) =>
    topic === metadata.name && key !== undefined && key !== spec.key;
  return !resources
    .ofKind('Pipeline')
    .filter(({ metadata: { namespace } }) => namespace === metadata.namespace)
    .some(({ spec: { to, steps } }) =>
      [...to, ...steps.flatMap(({ branch }) => (branch ?? []).flatMap(each => each.to))].some(isOther),
    );
}

function toBeginning(start: string): Beginning {
  if (start === 'latest' || start === 'earliest') return start;
  return { time: parseTimestamp(start) ?? 0 };
}
