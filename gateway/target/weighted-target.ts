// Splits calls of our own between targets by weight, each call anew.
import type { World } from '../../core/world.ts';
import type { Target } from './target.ts';

export interface WeightedTarget {
  readonly target: Target;
  readonly weight: number;
}

export function createWeightedTarget(world: World, choices: readonly WeightedTarget[]): Target {
  const [only, ...others] = choices;
  if (only && others.length === 0) return only.target;
  const total = choices.reduce((sum, { weight }) => sum + weight, 0);
  return {
    label: choices.map(({ target }) => target.label).join(' or '),
    send(call) {
      let point = world.random() * total;
      const chosen = choices.find(({ weight }) => {
        point -= weight;
        return point < 0;
      });
      (chosen ?? choices.findLast(({ weight }) => weight > 0))?.target.send(call);
    },
  };
}
