// Compiles Views to their plans; reports settings that cannot be honoured here.
import { viewInputTopicOf } from '../../core/names.ts';
import type { ViewGeneration } from '../../core/views/view-generations.ts';
import { VIEW_PARTITIONS, viewLayoutOf } from '../../core/views/view-layout.ts';
import { COPY_BYTES } from '../../drivers/event-log/event-log.ts';
import type { Resource } from '../../resources/resource.ts';
import type { ResourceSet } from '../../resources/resource-set.ts';
import { followersOfView } from '../../resources/views/followers-of-view.ts';
import { resourceOfGeneration } from '../../resources/views/generation-resource.ts';
import { definitionOfView, sourcesOfView, type ViewSource } from '../../resources/views/sources-of-view.ts';
import { compileShape } from '../views/shapes/compile-shape.ts';
import { MAX_WRITTEN } from '../views/shapes/follower-feed.ts';
import type { FollowersSettings } from '../views/shapes/followers.ts';
import type { ProjectionSettings, ViewSettings } from '../views/view-settings.ts';
import { checkView, type ReportView } from './check-view.ts';
import { withinAttempts } from './retry-budget.ts';
import type { TopicPlan } from './topic-plan.ts';

export interface ViewPlan {
  readonly resource: Resource<'View'>;
  /** Stands for all that decides what is kept. */
  readonly definition: string;
  readonly sources: readonly ViewSource[];
  /**
   * The settings of the fold of a generation; undefined for a definition that is not understood any
   * more.
   */
  settingsOf(generation: ViewGeneration): ViewSettings | undefined;
  /** The text differs when the View must be started anew. */
  readonly fingerprint: string;
}

/** The default retention of a Topic: a View is built anew that far back. */
const INPUT_RETENTION_MS = 7 * 86_400_000;

export function compileViews(resources: ResourceSet, report: ReportView): ViewPlan[] {
  return resources.ofKind('View').flatMap(view => {
    checkView(view, report);
    const { metadata, spec } = view;
    const { namespace, name } = metadata;
    const shape = compileShape(view);
    if (shape === undefined) return [];
    const followers = compileFollowers(view, resources, report);
    const definition = definitionOfView(view, resources);
    const settingsOf = (generation: ViewGeneration): ViewSettings | undefined => {
      const isWanted = generation.definition === definition;
      const other = isWanted ? undefined : resourceOfGeneration(generation);
      const shapeThen = isWanted ? shape : other && compileShape(other);
      if (shapeThen === undefined) return undefined;
      return {
        namespace,
        name,
        layout: viewLayoutOf(namespace, name, generation.id),
        sources: generation.sources.map(({ topic }) => topic),
        shape: shapeThen,
        projection: projectionOf(other ?? view),
        followers: other ? compileFollowers(other, resources, () => undefined) : followers,
        deadLetterRetention: spec.deadLetter.retention,
      };
    };
    const how = [spec.concurrency, spec.retry, spec.parking];
    const fingerprint = JSON.stringify([definition, spec.deadLetter.retention, followers, spec.rebuild, how]);
    return [{ resource: view, definition, sources: sourcesOfView(view, resources), settingsOf, fingerprint }];
  });
}

function compileFollowers(
  view: Resource<'View'>,
  resources: ResourceSet,
  report: ReportView,
): FollowersSettings | undefined {
  const found = followersOfView(view, resources);
  if (typeof found === 'string') report('error', view, ['spec', 'feed', 'followers'], found);
  if (found === undefined || typeof found === 'string') return undefined;
  if ((view.spec.feed?.followers?.readAbove ?? 0) > MAX_WRITTEN) {
    const message = `An event goes into ${MAX_WRITTEN} feeds at most: "readAbove" above that has no effect.`;
    report('warning', view, ['spec', 'feed', 'followers', 'readAbove'], message);
  }
  return {
    namespace: found.view.metadata.namespace,
    view: found.view.metadata.name,
    index: found.byFollowed,
    member: found.follower,
  };
}

function projectionOf({ spec }: Resource<'View'>): ProjectionSettings | undefined {
  if (spec.project === undefined) return undefined;
  const { concurrency, retry, parking, project } = spec;
  return { function: project.function, timeoutMs: project.timeout, concurrency, retry: withinAttempts(retry), parking };
}

/** Topics with the events that other resources feed into the views. */
export function viewInputs(views: readonly ViewPlan[]): TopicPlan[] {
  return views.flatMap(({ resource: { metadata }, sources }) => {
    const input = viewInputTopicOf(metadata.namespace, metadata.name);
    if (!sources.some(({ topic }) => topic === input)) return [];
    const settings = { partitions: VIEW_PARTITIONS, retentionMs: INPUT_RETENTION_MS, recordBytes: COPY_BYTES };
    return [{ name: input, settings, deleteWithResource: false }];
  });
}
