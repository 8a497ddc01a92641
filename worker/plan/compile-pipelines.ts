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
    return [...topology.readers, ...topology.windows, ...topology.joins, ...topology.calling].map(({ id }) => {
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
    const topology = compileTopology(pipeline, topic, isByKey(topic, resources));
    const others = topology.others.flatMap(other => resources.get('Topic', namespace, other.topic) ?? []);
    if (others.length < topology.others.length) return [];
    const settings: PipelineSettings = {
      namespace,
      name,
      group: pipelineGroupOf(namespace, name),
      topic: inLog(topic),
      partitions: topic.spec.partitions,
      start: toBeginning(spec.from.start),
      others: others.map(each => ({ name: each.metadata.name, topic: inLog(each), partitions: each.spec.partitions })),
      topology,
    };
    const sources = settings.others.map(each => [each.topic, each.partitions]);
    const fingerprint = JSON.stringify([spec, topic.spec.partitions, ...sources]);
    return [{ resource: pipeline, settings, fingerprint }];
  });
}

/** Whether the Pipeline reads the topic of the log, as its own or to join it. */
export function readsTopic({ settings }: PipelinePlan, topic: string): boolean {
  return settings.topic === topic || settings.others.some(other => other.topic === topic);
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

function inLog({ metadata, spec }: Resource<'Topic'>): string {
  return spec.kafka?.topic ?? topicOf(metadata.namespace, metadata.name);
}

function toBeginning(start: string): Beginning {
  if (start === 'latest' || start === 'earliest') return start;
  return { time: parseTimestamp(start) ?? 0 };
}
