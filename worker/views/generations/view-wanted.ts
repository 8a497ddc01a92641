// The View that a process desires, and the generation that would be of it.
import type { ViewGeneration, ViewGenerations } from '../../../core/views/view-generations.ts';
import type { World } from '../../../core/world.ts';
import type { DesiredVersions } from '../../plan/desired-versions.ts';

export interface ViewWanted {
  readonly namespace: string;
  readonly name: string;
  /** Hash of all that decides the stored data. */
  readonly definition: string;
  readonly manifest: unknown;
  readonly sources: ViewGeneration['sources'];
}

export interface YieldOptions {
  readonly wanted: ViewWanted;
  /** The versions that other processes desire; undefined where there are none. */
  readonly desiredVersions?: DesiredVersions | undefined;
}

/**
 * Whether the definition of this process has given way to that of others. It is older then, and
 * they go on until none of them is left. So of two versions that run beside each other the newer
 * one is built, whichever process restarts meanwhile. After a way back it is the older one.
 */
export async function mustYield(
  { desiredVersions, wanted }: YieldOptions,
  { serving, building, superseded }: ViewGenerations,
): Promise<boolean> {
  const aim = (building ?? serving)?.definition;
  if (desiredVersions === undefined || aim === undefined || aim === wanted.definition) return false;
  return superseded.includes(wanted.definition) && (await desiredVersions.isWanted(subjectOf(wanted), aim));
}

export function subjectOf({ namespace, name }: Pick<ViewWanted, 'namespace' | 'name'>): string {
  return `View/${namespace}/${name}`;
}

/** `topics`: their ids by name. */
export function generationOf(
  world: World,
  { definition, manifest, sources }: ViewWanted,
  topics: ReadonlyMap<string, string>,
): ViewGeneration {
  const id = world.id().replaceAll('-', '').slice(0, 12);
  const known = sources.map(({ name, topic }) => ({ name, topic, id: topics.get(topic) }));
  return { id, definition, manifest, sources: known, since: world.now() };
}

/**
 * A topic that was deleted and made again begins at its first offset once more. The seen marks of
 * the old one say nothing about it.
 */
export function isAnother(
  { topic, id }: ViewGeneration['sources'][number],
  topics: ReadonlyMap<string, string>,
): boolean {
  const now = topics.get(topic);
  return id !== undefined && now !== undefined && now !== id;
}
