// A View that nothing tells anything stays empty for ever.
import { isFed } from '../views/feeders-of-view.ts';
import { type Check, problemAt } from './check.ts';

export const unfedViews: Check = ({ resources }) =>
  resources.ofKind('View').flatMap(view => {
    if (view.spec.from.length > 0 || isFed(view, resources)) return [];
    const message =
      'Nothing changes this View: it has no "from", and no Subscription, Queue or Pipeline leads to it. Name a Topic in "from", or feed it by "to: { view }".';
    return [problemAt(view, ['spec'], { severity: 'warning', part: 'key', message })];
  });
