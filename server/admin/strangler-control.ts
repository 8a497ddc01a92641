// Lets the admin API see and move the features of the Stranglers in force.
import type { StranglerControl } from '../../admin/platform-view.ts';
import { TenfoldError } from '../../core/errors.ts';
import type { Facade } from '../../gateway/strangler/facade.ts';

export function toStranglerControl(facades: () => readonly Facade[]): StranglerControl {
  const find = (namespace: string, name: string): Facade => {
    const found = facades().find(facade => facade.namespace === namespace && facade.name === name);
    if (found) return found;
    throw new TenfoldError('not-found', `There is no Strangler "${name}" in namespace "${namespace}".`);
  };
  return {
    list: () => facades().map(facade => facade.report()),
    get: (namespace, name) => find(namespace, name).report(),
    async move(namespace, name, featureName, move) {
      const feature = find(namespace, name).feature(featureName);
      if (move.action === 'set') await feature.control.set(move.phase, move.percent, move.reason, move.force);
      else if (move.action === 'promote') await feature.control.promote(move.reason, move.force, move.to);
      else await feature.control.backOut(move.reason);
      return feature.report();
    },
  };
}
