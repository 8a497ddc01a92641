// Compiles Pipelines to what runs them; names what cannot be honoured here.
import { pipelineGroupOf, topicOf } from '../../core/names.ts';
import { parseTimestamp } from '../../core/world.ts';
import type { Finding, Path, Resource } from '../../resources/resource.ts';
import type { ResourceSet } from '../../resources/resource-set.ts';
import type { Beginning } from '../dispatch/seek-beginning.ts';
import { MAX_TOP } from '../pipelines/aggregates/compile-aggregate.ts';
import { compileTopology } from '../pipelines/compile-topology.ts';
import { readerTopicOf } from '../pipelines/create-outlet.ts';
import type { Topology } from '../pipelines/topology.ts';
import { MAX_OVERLAP, RESERVED, type WindowSpec } from '../pipelines/window/window-plan.ts';
import type { TrimmedTopic } from './log-trimmer.ts';

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

/** Topics that are read by the pipelines alone, each by the group of the same name. */
export function internalTopics(plans: readonly PipelinePlan[], keepMs: number): TrimmedTopic[] {
  return plans.flatMap(({ settings }) => {
    const { topology } = settings;
    return [...topology.readers, ...topology.windows, ...topology.calling].map(({ id }) => {
      const topic = readerTopicOf(settings, id);
      return { topic, group: topic, keepMs };
    });
  });
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
      topology: compileTopology(pipeline, topic),
    };
    return [{ resource: pipeline, settings, fingerprint: JSON.stringify([spec, topic.spec.partitions]) }];
  });
}

function checkWindow(
  { hopping, aggregate }: WindowSpec,
  pipeline: Resource<'Pipeline'>,
  path: Path,
  report: Report,
): void {
  const wrong = (more: Path, message: string) => report('error', pipeline, [...path, ...more], message);
  if (hopping && hopping.size / hopping.every > MAX_OVERLAP) {
    wrong(
      ['hopping'],
      `Each event would be in more than ${MAX_OVERLAP} windows. Choose a longer "every", or a shorter "size".`,
    );
  }
  for (const [name, text] of Object.entries(aggregate)) {
    if (RESERVED.has(name)) {
      wrong(['aggregate', name], `A result has "${name}" already: what the window is of. Choose another name.`);
    }
    const number = Number(text.slice(text.lastIndexOf(',') + 1, -1));
    if (text.startsWith('top(') && !(Number.isInteger(number) && number >= 1 && number <= MAX_TOP)) {
      wrong(['aggregate', name], `A top has 1 to ${MAX_TOP} values.`);
    }
    if (text.startsWith('percentile(') && number > 100) wrong(['aggregate', name], 'A percentile is from 0 to 100.');
  }
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
  const steps = (list: readonly Omit<(typeof spec.steps)[number], 'branch'>[], path: Path) => {
    for (const [index, step] of list.entries()) {
      if (step.window) checkWindow(step.window, pipeline, [...path, index, 'window'], report);
      if (step.window && list.slice(0, index).some(({ window }) => window !== undefined)) {
        later([...path, index, 'window'], 'A window behind a window');
      }
    }
  };
  steps(spec.steps, ['spec', 'steps']);
  for (const [index, { branch }] of spec.steps.entries()) {
    for (const [number, each] of (branch ?? []).entries()) {
      const path = ['spec', 'steps', index, 'branch', number];
      steps(each.steps, [...path, 'steps']);
    }
  }
}
