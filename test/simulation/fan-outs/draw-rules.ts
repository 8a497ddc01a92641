// What a simulated fan-out is like, drawn from the seed: when it is complete, how it
// divides, whether it gathers.

import { fanOutLayoutOf } from '../../../core/fan-outs/layout.ts';
import type { FanOutSettings } from '../../../worker/fan-outs/fan-out-settings.ts';
import type { Chance } from '../kernel/chance.ts';

export interface Drawn {
  readonly settings: FanOutSettings;
  /** Items of a page, where a function divides; undefined: an expression does. */
  readonly page: number | undefined;
}

const DAY_MS = 86_400_000;

export function drawRules(chance: Chance): Drawn {
  const when = chance.pick('when', ['all', 'all', 'quorum', 'deadline'] as const);
  const short = chance.happens('short deadline', 0.4);
  return {
    settings: {
      namespace: 'default',
      name: 'simulated',
      layout: fanOutLayoutOf('default', 'simulated'),
      rules: {
        completion: {
          when,
          ...(when === 'quorum' ? { quorum: chance.pick('quorum', [{ count: 3 }, { fraction: 0.5 }]) } : {}),
          tolerate: chance.pick('tolerate', [{ count: 0 }, { count: 0 }, { count: 1 }, { fraction: 0.25 }]),
        },
        deadlineMs: short ? chance.int('deadline', 2_000, 20_000) : DAY_MS,
        ttlMs: 7 * DAY_MS,
        gathers: chance.happens('gathers', 0.7),
      },
      maxItems: 1_000,
      perJob: chance.happens('per job', 0.4) ? chance.int('per job', 1, 3) : undefined,
    },
    page: chance.happens('divided by function', 0.6) ? chance.int('page', 1, 4) : undefined,
  };
}
