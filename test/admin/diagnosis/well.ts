// A platform in which all works, to make one fault of.
import type { About } from '../../../admin/diagnosis/diagnose.ts';
import type { Gathered } from '../../../admin/gathered.ts';
import type { AnyResource } from '../../../resources/resource.ts';
import { fakeConsumer } from '../../fakes/consumer-report.ts';
import { fakeGathered } from '../../fakes/gathered.ts';
import { fakeResource } from '../../fakes/platform-view.ts';

export const NOW = Date.UTC(2026, 0, 2, 3, 4, 5);
export const WELL = { parkedKeys: 0, parkedEvents: 0, lag: 0, oldestAgeMs: undefined };
export const READY: About = { readiness: { ready: true, reasons: [] }, notInForce: [] };

export const wall = fakeResource('Subscription', 'wall');
export const menu = fakeResource('Function', 'menu');
const imports = fakeResource('Queue', 'imports', declared({ maxWaiting: 5, to: { function: 'menu' } }));
const sold = fakeResource('View', 'sold');
const clicks = fakeResource('Pipeline', 'clicks');
const shop = fakeResource(
  'Api',
  'shop',
  declared({ routes: [{ match: { path: '/imports' }, to: { queue: 'imports' } }] }),
);
export const view = {
  ...{ namespace: 'default', name: 'sold', generation: 'g1', building: undefined, state: 'running' as const },
  ...{ lastError: undefined, behind: 0, asOf: new Date(NOW).toISOString(), folded: 1, repeated: 0, refused: 0 },
  deadLetters: 0,
  jumped: 0,
};
export const pipeline = {
  ...{ namespace: 'default', name: 'clicks', state: 'running' as const, lastError: undefined, lag: 0, handled: 1 },
  ...{ emitted: 0, late: 0, filtered: 0, deduplicated: 0, unjoined: 0, joining: 0, repeated: 0, watermark: undefined },
  ...{ parkedEvents: 0, deadLetters: 0, refused: 0, jumped: 0, archives: [], tables: [] },
};

/** All of `one` works. */
export function well(more: Partial<Gathered> = {}): Gathered {
  return fakeGathered({
    at: NOW,
    resources: [wall, menu, imports, sold, clicks, shop],
    functions: [
      {
        ...{ name: 'menu', namespace: 'default', state: 'available', instances: 1 },
        inFlight: 0,
        waiting: 0,
        restarts: 0,
      },
    ],
    routes: [{ kind: 'Api', namespace: 'default', name: 'shop' } as never],
    consumers: [fakeConsumer('wall', WELL), fakeConsumer('imports', { kind: 'Queue', ...WELL })],
    views: [view],
    pipelines: [pipeline],
    ...more,
  });
}

function declared(spec: object): Partial<AnyResource> {
  return { spec, manifest: { spec } } as never;
}
