// The readers of other Topics that the events of a Pipeline are joined with.
import type { OtherTopic, PipelineSettings } from '../plan/reader-topic.ts';
import type { OtherPlan } from './topology.ts';

/** A reader with its Topic. */
export interface Other {
  readonly id: string;
  readonly topic: OtherTopic;
  readonly outlets: OtherPlan['outlets'];
}

export function othersOf({ topology, others }: Pick<PipelineSettings, 'topology' | 'others'>): Other[] {
  return topology.others.flatMap(({ id, topic, outlets }) => {
    const found = others.find(({ name }) => name === topic);
    return found ? [{ id, topic: found, outlets }] : [];
  });
}
