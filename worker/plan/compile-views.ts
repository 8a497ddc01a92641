// Compiles Views to what runs them; names what cannot be honoured here.
import type { Finding, Path, Resource } from '../../resources/resource.ts';
import type { ResourceSet } from '../../resources/resource-set.ts';
import { layoutOfView, sourcesOfView } from '../../resources/views/layout-of-view.ts';
import { compileShape } from '../views/compile-shape.ts';
import type { ViewSettings } from '../views/run-view.ts';

export interface ViewPlan {
  readonly resource: Resource<'View'>;
  readonly settings: ViewSettings;
  /** Differs when it must be started anew. */
  readonly fingerprint: string;
}

type Report = (severity: Finding['severity'], resource: Resource<'View'>, path: Path, message: string) => void;

export function compileViews(resources: ResourceSet, report: Report): ViewPlan[] {
  return resources.ofKind('View').flatMap(view => {
    findUnserved(view, report);
    const { metadata, spec } = view;
    const shape = compileShape(view);
    if (shape === undefined) return [];
    const layout = layoutOfView(view, resources);
    const settings: ViewSettings = {
      namespace: metadata.namespace,
      name: metadata.name,
      layout,
      sources: sourcesOfView(view, resources).map(({ topic }) => topic),
      shape,
      deadLetterRetention: spec.deadLetter.retention,
    };
    return [{ resource: view, settings, fingerprint: JSON.stringify([layout.generation, spec.deadLetter.retention]) }];
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
  for (const member of ['search', 'project'] as const) if (spec[member] !== undefined) later([member]);
  if (spec.ranking?.window !== undefined) later(['ranking', 'window']);
  if (spec.feed?.followers !== undefined) later(['feed', 'followers']);
  if (spec.query.cache !== undefined) later(['query', 'cache']);
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
