// Wall clocks of gateways and workers: an hour behind, a day ahead, somewhere else each second, or
// those of a role ten minutes apart.
import { setTimeout as pause } from 'node:timers/promises';
import type { Slot } from '../site/slot.ts';
import { during, type FaultKind, oneOf } from './fault.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const moves = [
  ['an hour behind', -HOUR_MS],
  ['a day ahead', 24 * HOUR_MS],
] as const;
const clockOf = ({ name }: Slot) => `clock of ${name}`;

export const clocks: readonly FaultKind[] = [
  {
    name: 'clock moved',
    draw({ site }, chance) {
      const slot = oneOf(chance, 'which clock', [...site.gateways, ...site.workers]);
      const [where, aheadMs] = oneOf(chance, 'where to', moves);
      const length = chance.int('length', 500, 8000);
      return {
        targets: [clockOf(slot)],
        name: `the clock of ${slot.name} is ${where} for ${length} ms`,
        inject: () =>
          during(
            length,
            () => slot.clock.setAhead(aheadMs),
            () => slot.clock.setAhead(0),
          ),
      };
    },
  },
  {
    name: 'clock steps',
    draw({ site }, chance) {
      const slot = oneOf(chance, 'which clock', [...site.gateways, ...site.workers]);
      const steps = Array.from({ length: chance.int('steps', 2, 6) }, () => chance.int('step', -HOUR_MS, 24 * HOUR_MS));
      return {
        targets: [clockOf(slot)],
        name: `the clock of ${slot.name} is set each second, by ${steps.map(ms => `${Math.round(ms / MINUTE_MS)}`).join(', ')} minutes`,
        async inject() {
          try {
            for (const aheadMs of steps) {
              slot.clock.setAhead(aheadMs);
              await pause(1000);
            }
          } finally {
            slot.clock.setAhead(0);
          }
        },
      };
    },
  },
  {
    name: 'clocks apart',
    draw({ site }, chance) {
      const role = oneOf(chance, 'whose clocks', ['workers', 'gateways'] as const);
      const [ahead, behind] = site[role];
      const length = chance.int('length', 2000, 12_000);
      const set = (ms: number) => {
        ahead?.clock.setAhead(ms);
        behind?.clock.setAhead(-ms);
      };
      return {
        targets: site[role].map(clockOf),
        name: `the clocks of two ${role} are ten minutes apart for ${length} ms`,
        inject: () =>
          during(
            length,
            () => set(5 * MINUTE_MS),
            () => set(0),
          ),
      };
    },
  },
];
