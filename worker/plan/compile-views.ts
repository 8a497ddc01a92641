// Compiles Views to what runs them; names what cannot be honoured here.
import { viewInputTopicOf } from '../../core/names.ts';
import type { Finding, Path, Resource } from '../../resources/resource.ts';
import type { ResourceSet } from '../../resources/resource-set.ts';
import { followersOfView } from '../../resources/views/followers-of-view.ts';
import { layoutOfView, sourcesOfView } from '../../resources/views/layout-of-view.ts';
import { compileShape } from '../views/compile-shape.ts';
import { MAX_WRITTEN } from '../views/follower-feed.ts';
import type { FollowersSettings } from '../views/followers.ts';
import type { ViewSettings } from '../views/run-view.ts';
import type { TopicPlan } from './event-plan.ts';

export interface ViewPlan {
  readonly resource: Resource<'View'>;
  readonly settings: ViewSettings;
  /** Differs when it must be started anew. */
  readonly fingerprint: string;
}

/** As that of a Topic that says nothing else: so far back a View is built anew. */
const INPUT_RETENTION_MS = 7 * 86_400_000;

type Report = (severity: Finding['severity'], resource: Resource<'View'>, path: Path, message: string) => void;

export function compileViews(resources: ResourceSet, report: Report): ViewPlan[] {
  return resources.ofKind('View').flatMap(view => {
    findUnserved(view, report);
    const { metadata, spec } = view;
    const shape = compileShape(view);
    if (shape === undefined) return [];
    const layout = layoutOfView(view, resources);
    const followers = compileFollowers(view, resources, report);
    const settings: ViewSettings = {
      namespace: metadata.namespace,
      name: metadata.name,
      layout,
      sources: sourcesOfView(view, resources).map(({ topic }) => topic),
      shape,
      followers,
      deadLetterRetention: spec.deadLetter.retention,
    };
    const fingerprint = JSON.stringify([layout.generation, spec.deadLetter.retention, followers]);
    return [{ resource: view, settings, fingerprint }];
  });
}

function compileFollowers(
  view: Resource<'View'>,
  resources: ResourceSet,
  report: Report,
): FollowersSettings | undefined {
  const found = followersOfView(view, resources);
  if (typeof found === 'string') report('error', view, ['spec', 'feed', 'followers'], found);
  if (found === undefined || typeof found === 'string') return undefined;
  if ((view.spec.feed?.followers?.readAbove ?? 0) > MAX_WRITTEN) {
    const message = `An event goes into ${MAX_WRITTEN} feeds at most: "readAbove" above that has no effect.`;
    report('warning', view, ['spec', 'feed', 'followers', 'readAbove'], message);
  }
  return {
    view: found.view.metadata.name,
    layout: layoutOfView(found.view, resources),
    sources: sourcesOfView(found.view, resources).map(({ topic }) => topic),
    index: found.byFollowed,
    member: found.follower,
  };
}

/** Topics with what other resources feed into the views. */
export function viewInputs(views: readonly ViewPlan[]): TopicPlan[] {
  return views.flatMap(({ settings: { namespace, name, sources, layout } }) => {
    const input = viewInputTopicOf(namespace, name);
    if (!sources.includes(input)) return [];
    const settings = { partitions: layout.partitions, retentionMs: INPUT_RETENTION_MS };
    return [{ name: input, settings, deleteWithResource: false }];
  });
}

function findUnserved(view: Resource<'View'>, report: Report): void {
  const { spec } = view;
  const later = (path: readonly string[]) =>
    report(
      'error',
      view,
      ['spec', ...path],
      `"${path.join('.')}" of a View is not served by this version. Remove it, or wait for a version that does it.`,
    );
  if (spec.project !== undefined) later(['project']);
  if (spec.rebuild.rate !== undefined) later(['rebuild', 'rate']);
  if (spec.deadLetter.topic !== undefined) later(['deadLetter', 'topic']);
  if (spec.onExhausted !== 'skip') {
    report(
      'error',
      view,
      ['spec', 'onExhausted'],
      'A View that holds keys for a person is not served by this version: events that nothing can be made of are set aside as dead letters ("skip").',
    );
  }
}
