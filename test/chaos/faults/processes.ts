// Gateways and workers: killed, stopped or kept busy by their own code for longer than a session lasts, replaced one by one or all of them, also with more partitions than before.
import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '../../eventually.ts';
import type { Slot } from '../site/slot.ts';
import { type Fault, type FaultKind, oneOf, stopFor } from './fault.ts';

type Role = 'gateway' | 'worker';

const kindOf = (role: Role, what: string, change: (slot: Slot, lengthMs: number) => [string, () => Promise<void>]) =>
  ({
    name: `${role} ${what}`,
    draw({ site }, chance): Fault {
      const slot = oneOf(chance, `which ${role}`, role === 'worker' ? site.workers : site.gateways);
      const [name, inject] = change(slot, chance.int('length', 500, 12_000));
      const losesAttempts = role === 'worker';
      return { targets: [slot.name], takes: role, losesAttempts, name: `${slot.name} ${name}`, inject };
    },
  }) satisfies FaultKind;

/** Up to 20 s together with what is drawn. */
const LEAST_BUSY_MS = 8000;
const PROBE_MS = 1000;
const ANSWERS_WITHIN_MS = 60_000;

/** As a kubelet asks; 0 without an answer in time. */
async function probe({ running }: Slot): Promise<number> {
  const signal = AbortSignal.timeout(PROBE_MS);
  return fetch(`${running.addresses.admin}/readyz`, { signal }).then(
    ({ status }) => status,
    () => 0,
  );
}

/** Nobody takes it for ready meanwhile, and it answers again by itself. */
async function blockFor(slot: Slot, lengthMs: number): Promise<void> {
  const end = performance.now() + lengthMs;
  slot.block(lengthMs);
  await eventually(
    async () => (await probe(slot)) === 0,
    `nobody takes ${slot.name} for ready while it is busy`,
    lengthMs,
  );
  await pause(Math.max(0, end - performance.now()));
  await eventually(async () => (await probe(slot)) !== 0, `${slot.name} answers again`, ANSWERS_WITHIN_MS);
}

const ofRole = (role: Role): FaultKind[] => [
  kindOf(role, 'killed', slot => ['is killed', () => slot.replace()]),
  kindOf(role, 'replaced', slot => ['is replaced', () => slot.roll()]),
  kindOf(role, 'busy', (slot, ms) => {
    const length = LEAST_BUSY_MS + ms;
    return [`is kept busy by its own code for ${length} ms`, () => blockFor(slot, length)];
  }),
  kindOf(role, 'stopped', (slot, ms) => [`stands still for ${ms} ms`, () => stopFor(slot, ms)]),
];

export const processes: readonly FaultKind[] = [
  ...ofRole('worker'),
  ...ofRole('gateway'),
  {
    name: 'rolling restart, with one partition more',
    draw({ site }) {
      const all = [...site.gateways, ...site.workers];
      return {
        targets: all.map(({ name }) => name),
        losesAttempts: true,
        name: 'all processes are replaced one after the other, by such that have one partition more',
        async inject() {
          site.grow();
          for (const slot of all) await slot.roll();
        },
      };
    },
  },
];
