// How the sources of Topics do over all processes, as the admin API shows it.
import type { SourceReport } from '../../../admin/event-view.ts';
import { toTimestamp } from '../../../core/world.ts';
import type { Resource } from '../../../resources/resource.ts';
import type { StageParts } from '../reports/stage-parts.ts';

export type SourcePart = StageParts['sources'][number];

export interface SourceReportsOptions {
  readonly sources: { parts(): readonly SourcePart[] };
  /** Undefined where there are no other processes. */
  readonly shared: { stagesOfOthers(): Promise<readonly StageParts[]> } | undefined;
}

/** The process that reads it knows most of it; then one that cannot. */
const STATES: readonly SourcePart['state'][] = ['running', 'failing', 'starting', 'standby'];

/** Others are asked only where a Topic has a source. */
export async function reportSources(
  { sources, shared }: SourceReportsOptions,
  topics: readonly Resource<'Topic'>[],
): Promise<(topic: Resource<'Topic'>) => SourceReport | undefined> {
  if (!topics.some(({ spec }) => spec.source !== undefined)) return () => undefined;
  const told = ((await shared?.stagesOfOthers()) ?? []).flatMap(each => each.sources);
  const keyOf = ({ namespace, name }: { readonly namespace: string; readonly name: string }) => `${namespace}/${name}`;
  const parts = Map.groupBy([...sources.parts(), ...told], keyOf);
  return ({ metadata, spec }) =>
    spec.source === undefined ? undefined : toSourceReport(parts.get(keyOf(metadata)) ?? []);
}

function toSourceReport(parts: readonly SourcePart[]): SourceReport | undefined {
  const rank = ({ state }: SourcePart) => STATES.indexOf(state);
  const [best] = parts.toSorted((one, other) => rank(one) - rank(other));
  if (best === undefined) return undefined;
  const { namespace: _, name: __, failingSince, ...told } = best;
  return {
    ...told,
    read: parts.reduce((sum, { read }) => sum + read, 0),
    ...(failingSince === undefined ? {} : { failingSince: toTimestamp(failingSince) }),
  };
}
