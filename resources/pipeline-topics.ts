// The Topics that a Pipeline reads: its own, and those that its events are joined with.
import type { Resource } from './resource.ts';

/** Names, each once. */
export function topicsReadByPipeline({ spec }: Pick<Resource<'Pipeline'>, 'spec'>): string[] {
  const branched = spec.steps.flatMap(({ branch }) => (branch ?? []).flatMap(({ steps }) => steps));
  const joined = [...spec.steps, ...branched].flatMap(({ joinTopic }) => joinTopic?.topic ?? []);
  return [...new Set([spec.from.topic, ...joined])];
}
