// Gateways and workers: killed, stopped for longer than a session lasts, replaced one by one or all of them, also with more partitions than before.
import type { Slot } from '../site/slot.ts';
import { type Fault, type FaultKind, oneOf, stopFor } from './fault.ts';

type Role = 'gateway' | 'worker';

const kindOf = (role: Role, what: string, change: (slot: Slot, lengthMs: number) => [string, () => Promise<void>]) =>
  ({
    name: `${role} ${what}`,
    draw({ site }, chance): Fault {
      const slot = oneOf(chance, `which ${role}`, role === 'worker' ? site.workers : site.gateways);
      const [name, inject] = change(slot, chance.int('length', 500, 12_000));
      return { targets: [slot.name], takes: role, name: `${slot.name} ${name}`, inject };
    },
  }) satisfies FaultKind;

const ofRole = (role: Role): FaultKind[] => [
  kindOf(role, 'killed', slot => ['is killed', () => slot.replace()]),
  kindOf(role, 'replaced', slot => ['is replaced', () => slot.roll()]),
  kindOf(role, 'stopped', (slot, ms) => [`stands still for ${ms} ms`, () => stopFor(slot, ms)]),
];

export const processes: readonly FaultKind[] = [
  ...ofRole('worker'),
  ...ofRole('gateway'),
  {
    name: 'rolling restart, with one partition more',
    draw({ site, model }) {
      const all = [...site.gateways, ...site.workers];
      return {
        targets: all.map(({ name }) => name),
        name: 'all processes are replaced one after the other, by such that have one partition more',
        async inject() {
          site.grow();
          model.deliveries.remaps(true);
          for (const slot of all) await slot.roll();
          model.deliveries.remaps(false);
        },
      };
    },
  },
];
