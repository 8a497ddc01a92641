// Gateways and workers: killed, stopped or kept busy by their own code for longer than a session
// lasts, also so long that others own what they had, and those are killed; replaced one by one or
// all of them, also with more partitions than before.
import { setTimeout as pause } from 'node:timers/promises';
import { subscriptionGroupOf } from '../../../core/names.ts';
import { describeGroup } from '../../drivers/event-log/kafka/describe-group.ts';
import { eventually } from '../../eventually.ts';
import type { Site } from '../site/site.ts';
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

const waitingForReady = ({ name, draw }: FaultKind): FaultKind => ({
  name,
  draw: (subject, chance) => ({ ...draw(subject, chance), waitsForReady: true }),
});

/** What the group gives a worker to say that it is there. */
const SESSION_MS = 10_000;
const MOVED_WITHIN_MS = 5 * 60_000;
const ASK_AGAIN_MS = 250;
/** Up to 20 s together with what is drawn. */
const LEAST_BUSY_MS = 8000;
const PROBE_MS = 1000;

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
  await eventually(async () => (await probe(slot)) !== 0, `${slot.name} answers again`);
}

/** It gets a tenth of a processor: it runs for a moment in each of so many. */
const TURN_MS = 200;
const RUNS_MS = 20;

async function starve(slot: Slot, lengthMs: number): Promise<void> {
  const end = performance.now() + lengthMs;
  try {
    while (performance.now() < end) {
      slot.signal('SIGSTOP');
      await pause(TURN_MS - RUNS_MS);
      slot.signal('SIGCONT');
      await pause(RUNS_MS);
    }
  } finally {
    slot.signal('SIGCONT');
  }
}

/**
 * Calls of a worker that is slow are not late for that: what was answered in time counts,
 * however late it reads it.
 */
const starved: FaultKind = {
  name: 'worker starved',
  draw({ site }, chance) {
    const slot = oneOf(chance, 'which worker', site.workers);
    const lengthMs = LEAST_BUSY_MS + chance.int('length', 500, 12_000);
    return {
      targets: [slot.name],
      takes: 'worker',
      repeatsAttempts: true,
      name: `${slot.name} gets a tenth of a processor for ${lengthMs} ms`,
      inject: () => starve(slot, lengthMs),
    };
  },
};

const ofRole = (role: Role): FaultKind[] => [
  kindOf(role, 'killed', slot => ['is killed', () => slot.replace()]),
  waitingForReady(kindOf(role, 'replaced', slot => ['is replaced', () => slot.roll()])),
  kindOf(role, 'busy', (slot, ms) => {
    const length = LEAST_BUSY_MS + ms;
    return [`is kept busy by its own code for ${length} ms`, () => blockFor(slot, length)];
  }),
  kindOf(role, 'stopped', (slot, ms) => [`stands still for ${ms} ms`, () => stopFor(slot, ms)]),
];

/**
 * The group that a worker belongs to has only so many members left, and all partitions are theirs.
 */
const areOwnedBy = (site: Site, members: number) => async () => {
  await pause(ASK_AGAIN_MS);
  const group = await describeGroup(site.brokers.addresses, subscriptionGroupOf(site.namespace, 'bounded')).catch(
    () => undefined,
  );
  return group?.state === 'Stable' && group.members.length === members;
};

const owners: readonly FaultKind[] = [
  kindOf('worker', 'stopped for longer than its session', (slot, ms) => {
    const length = SESSION_MS + 1000 + Math.round(ms / 3);
    return [`stands still for ${length} ms, which is longer than its session`, () => stopFor(slot, length)];
  }),
  {
    name: 'next owner killed',
    draw({ site }, chance) {
      const stopped = oneOf(chance, 'which worker', site.workers);
      const others = site.workers.filter(slot => slot !== stopped);
      const next = oneOf(chance, 'which next', others);
      return {
        targets: [stopped.name, next.name],
        takes: 'worker',
        losesAttempts: true,
        name: `${stopped.name} stands still until others own what it had; then ${next.name} is killed, and it goes on`,
        async inject() {
          let replaced: Promise<void> | undefined;
          stopped.signal('SIGSTOP');
          try {
            await pause(SESSION_MS);
            await eventually(areOwnedBy(site, others.length), `others own what ${stopped.name} had`, MOVED_WITHIN_MS);
            replaced = next.replace();
          } finally {
            stopped.signal('SIGCONT');
          }
          await replaced;
        },
      };
    },
  },
];

export const processes: readonly FaultKind[] = [
  ...ofRole('worker'),
  starved,
  ...owners,
  ...ofRole('gateway'),
  {
    name: 'rolling restart, with one partition more',
    draw({ site }) {
      const all = [...site.gateways, ...site.workers];
      return {
        targets: all.map(({ name }) => name),
        losesAttempts: true,
        waitsForReady: true,
        name: 'all processes are replaced one after the other, by such that have one partition more',
        async inject() {
          site.grow();
          for (const slot of all) await slot.roll();
        },
      };
    },
  },
];
