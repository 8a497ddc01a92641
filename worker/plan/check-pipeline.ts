// Finds settings of a Pipeline that cannot be honoured here, or make no sense. They are reported,
// never ignored.
import type { Finding, Path, Resource } from '../../resources/resource.ts';
import type { ResourceSet } from '../../resources/resource-set.ts';
import { MAX_OVERLAP, RESERVED, RESERVED_EARLY, type WindowSpec } from '../pipelines/window/window-plan.ts';

export type ReportPipeline = (
  severity: Finding['severity'],
  resource: Resource<'Pipeline'>,
  path: Path,
  message: string,
) => void;

type Step = Omit<Resource<'Pipeline'>['spec']['steps'][number], 'branch'>;

export function checkPipeline(pipeline: Resource<'Pipeline'>, resources: ResourceSet, report: ReportPipeline): void {
  const { spec, metadata } = pipeline;
  const wrong = (path: Path, message: string) => report('error', pipeline, path, message);
  /** `counted`: whether events are results of a window or a join already. */
  const steps = (list: readonly Step[], path: Path, counted: boolean) => {
    let behind = counted;
    for (const [index, { window, join, joinTopic }] of list.entries()) {
      const place = [...path, index];
      if (join && !hasRows(resources.get('View', metadata.namespace, join.view))) {
        const message = `A row comes from a View with a table or an aggregate, and "${join.view}" has neither.`;
        wrong([...place, 'join', 'view'], message);
      }
      if (joinTopic?.topic === spec.from.topic) {
        const message = `The Pipeline reads Topic "${joinTopic.topic}" already, and joins it with another Topic only. Copy its events to a second Topic with a Pipeline, and name that one here.`;
        wrong([...place, 'joinTopic', 'topic'], message);
      }
      if (joinTopic && behind) {
        const message =
          'A join with a Topic behind a window or another such join is not served by this version. Lead the results to a Topic, and join them in another Pipeline.';
        wrong([...place, 'joinTopic'], message);
      }
      if (joinTopic) behind = true;
      if (window === undefined) continue;
      checkWindow(window, (more, message) => wrong([...place, 'window', ...more], message));
      if (behind) {
        wrong(
          [...place, 'window'],
          'A window behind a window or a join with a Topic is not served by this version. Lead the results to a Topic, and count them in another Pipeline.',
        );
      }
      behind = true;
    }
  };
  steps(spec.steps, ['spec', 'steps'], false);
  for (const [index, { branch }] of spec.steps.entries()) {
    const counted = spec.steps.slice(0, index).some(({ window, joinTopic }) => window ?? joinTopic);
    for (const [number, each] of (branch ?? []).entries()) {
      steps(each.steps, ['spec', 'steps', index, 'branch', number, 'steps'], counted);
    }
  }
}

function hasRows(view: Resource<'View'> | undefined): boolean {
  return view?.spec.table !== undefined || view?.spec.aggregate !== undefined;
}

function checkWindow(
  { hopping, session, aggregate, emit, early }: WindowSpec,
  wrong: (path: Path, message: string) => void,
): void {
  if (hopping && hopping.size / hopping.every > MAX_OVERLAP) {
    const message = `Each event would be in more than ${MAX_OVERLAP} windows. Choose a longer "every", or a shorter "size".`;
    wrong(['hopping'], message);
  }
  if (hopping && hopping.every > hopping.size) {
    wrong(['hopping', 'every'], 'Events between the windows would be in none. Choose an "every" of at most "size".');
  }
  if (early && emit === 'changes') {
    const message = 'With "emit: changes" each result is early, and none is the final one. Remove "early" or "emit".';
    wrong(['early'], message);
  }
  if (early && session) {
    const message =
      'A session may become part of an earlier one, and nobody would take its early results back. Use "tumbling" or "hopping", or remove "early".';
    wrong(['early'], message);
  }
  for (const name of Object.keys(aggregate)) {
    if (RESERVED.has(name) || (early && RESERVED_EARLY.has(name))) {
      wrong(['aggregate', name], `A result has "${name}" already: what the window is of. Choose another name.`);
    }
  }
}
