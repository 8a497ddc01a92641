// A Strangler as it runs: its features by name, and what no feature takes.
import { TenfoldError } from '../../core/errors.ts';
import { suggest } from '../../core/suggest.ts';
import type { World } from '../../core/world.ts';
import type { Step } from '../exchange/step.ts';
import { SideObserver } from './evidence/side-observer.ts';
import type { Tally } from './evidence/tally.ts';
import type { Feature } from './feature.ts';
import type { LegacySide } from './legacy/legacy-side.ts';
import type { StranglerReport } from './report.ts';

export interface Facade {
  readonly namespace: string;
  readonly name: string;
  /** Throws `not-found` with the nearest name. */
  feature(name: string): Feature;
  /** The plan that it belongs to is in force. */
  begin(): void;
  report(): StranglerReport;
}

export function createFacade(namespace: string, name: string, features: readonly Feature[], rest: Tally): Facade {
  return {
    namespace,
    name,
    feature(wanted) {
      const found = features.find(feature => feature.name === wanted);
      if (found) return found;
      const nearest = suggest(
        wanted,
        features.map(feature => feature.name),
      );
      const hint = nearest ? ` Did you mean "${nearest}"?` : '';
      throw new TenfoldError('not-found', `The Strangler "${name}" has no feature "${wanted.slice(0, 63)}".${hint}`);
    },
    begin() {
      for (const feature of features) feature.begin();
    },
    report: () => ({
      namespace,
      name,
      rest: rest.sides().legacy,
      features: features.map(feature => feature.report()),
    }),
  };
}

/** Everything that no feature takes goes to legacy. */
export function serveRest(world: World, legacy: LegacySide, tally: Tally): Step {
  return exchange => {
    if (!exchange.request.clientSide) exchange.response.addFilter(new SideObserver(world, tally, 'legacy'));
    legacy.send(exchange);
  };
}
