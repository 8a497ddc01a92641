// Names of the internal topics of a Pipeline.
import type { Beginning } from '../dispatch/group/seek-beginning.ts';
import type { Topology } from '../pipelines/topology.ts';

/** The internal topic that a step reads. Its consumer group has the same name. */
export function readerTopicOf({ group }: Pick<PipelineSettings, 'group'>, id: string): string {
  return `${group}.${id}`;
}

export interface OtherTopic {
  /** Resource name. */
  readonly name: string;
  /** In the log. */
  readonly topic: string;
  readonly partitions: number;
}

export interface PipelineSettings {
  readonly namespace: string;
  readonly name: string;
  /** At its source, and the beginning of all internal names. */
  readonly group: string;
  /** In the log. */
  readonly topic: string;
  readonly partitions: number;
  /** The other Topics that its events are joined with. */
  readonly others: readonly OtherTopic[];
  readonly start: Beginning;
  readonly topology: Topology;
}
