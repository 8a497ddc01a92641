// A View that nothing tells anything stays empty for ever.

import type { Resource } from '../resource.ts';
import { isFed } from '../views/feeders-of-view.ts';
import { type Check, problemAt } from './check.ts';

export const unfedViews: Check = ({ resources, broken }) =>
  resources.ofKind('View').flatMap(view => {
    if (view.spec.from.length > 0 || isFed(view, resources) || mayBeFed(view, broken)) return [];
    const message =
      'Nothing changes this View: it has no "from", and no Subscription, Queue or Pipeline leads to it. Name a Topic in "from", or feed it by "to: { view }".';
    return [problemAt(view, ['spec'], { severity: 'warning', part: 'key', message })];
  });

/** A resource with mistakes may feed it once those are mended. */
function mayBeFed({ metadata }: Resource<'View'>, broken: ReadonlySet<string>): boolean {
  return [...broken].some(key => {
    const [kind, namespace] = key.split('/');
    return kind !== 'View' && namespace === metadata.namespace;
  });
}
