// Compiles Pipelines to what runs them; names what cannot be honoured here.
import { pipelineGroupOf, topicOf } from '../../core/names.ts';
import { parseTimestamp } from '../../core/world.ts';
import type { Finding, Path, Resource } from '../../resources/resource.ts';
import type { ResourceSet } from '../../resources/resource-set.ts';
import type { Beginning } from '../dispatch/seek-beginning.ts';
import { compileTopology } from '../pipelines/compile-topology.ts';
import { readerTopicOf } from '../pipelines/create-outlet.ts';
import type { Topology } from '../pipelines/topology.ts';

export interface PipelineSettings {
  readonly namespace: string;
  readonly name: string;
  /** At its source, and the beginning of all internal names. */
  readonly group: string;
  /** In the log. */
  readonly topic: string;
  readonly partitions: number;
  readonly start: Beginning;
  readonly topology: Topology;
}

export interface PipelinePlan {
  readonly resource: Resource<'Pipeline'>;
  readonly settings: PipelineSettings;
  /** Differs when it must be started anew. */
  readonly fingerprint: string;
}

type Report = (severity: Finding['severity'], resource: Resource<'Pipeline'>, path: Path, message: string) => void;

export function compilePipelines(resources: ResourceSet, report: Report): PipelinePlan[] {
  return resources.ofKind('Pipeline').flatMap(pipeline => {
    findUnserved(pipeline, report);
    const { metadata, spec } = pipeline;
    const { namespace, name } = metadata;
    // References were checked before: without the Topic there is an error already.
    const topic = resources.get('Topic', namespace, spec.from.topic);
    if (topic === undefined) return [];
    const settings: PipelineSettings = {
      namespace,
      name,
      group: pipelineGroupOf(namespace, name),
      topic: topic.spec.kafka?.topic ?? topicOf(namespace, spec.from.topic),
      partitions: topic.spec.partitions,
      start: toBeginning(spec.from.start),
      topology: compileTopology(pipeline),
    };
    return [{ resource: pipeline, settings, fingerprint: JSON.stringify([spec, topic.spec.partitions]) }];
  });
}

/** Internal topics that sinks are fed by; each is read by the group of the same name. */
export function readerTopicsOf({ settings }: PipelinePlan): string[] {
  return settings.topology.readers.map(({ id }) => readerTopicOf(settings, id));
}

function toBeginning(start: string): Beginning {
  if (start === 'latest' || start === 'earliest') return start;
  return { time: parseTimestamp(start) ?? 0 };
}

function findUnserved(pipeline: Resource<'Pipeline'>, report: Report): void {
  const later = (path: Path, what: string) =>
    report(
      'error',
      pipeline,
      path,
      `${what} in a Pipeline is not served by this version. Remove it, or wait for a version that does it.`,
    );
  const { spec } = pipeline;
  const sinks = (to: typeof spec.to, path: Path) => {
    for (const [index, sink] of to.entries()) {
      if (sink.fanOut !== undefined) later([...path, index, 'fanOut'], '"to: fanOut"');
    }
  };
  const steps = (list: readonly Omit<(typeof spec.steps)[number], 'branch'>[], path: Path) => {
    for (const [index, step] of list.entries()) {
      for (const name of ['dedupe', 'join', 'window'] as const) {
        if (step[name] !== undefined) later([...path, index, name], `"${name}"`);
      }
      for (const name of ['map', 'flatMap'] as const) {
        if (typeof step[name] === 'object') later([...path, index, name], `A function in "${name}"`);
      }
    }
  };
  sinks(spec.to, ['spec', 'to']);
  steps(spec.steps, ['spec', 'steps']);
  for (const [index, { branch }] of spec.steps.entries()) {
    for (const [number, each] of (branch ?? []).entries()) {
      const path = ['spec', 'steps', index, 'branch', number];
      sinks(each.to, [...path, 'to']);
      steps(each.steps, [...path, 'steps']);
    }
  }
}
