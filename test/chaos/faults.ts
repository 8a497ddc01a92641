// The faults that are injected, drawn from a seed: several at a time, of different parts, so long as one gateway and one worker are left alone.
import { setTimeout as pause } from 'node:timers/promises';
import type { Chance } from '../simulation/kernel/chance.ts';
import type { ChaosFunction, Mood } from './function-server.ts';
import type { Site, Slot } from './site.ts';

interface Fault {
  /** What it breaks; each is broken by one at a time. */
  readonly target: string;
  readonly name: string;
  inject(): Promise<void>;
}

type Kind = 'worker' | 'gateway' | 'broker' | 'redis' | 'function';

export interface Injected {
  /** Seconds since the start. */
  readonly at: number;
  readonly until: number;
  readonly name: string;
}

export interface ChaosOptions {
  readonly site: Site;
  readonly fn: ChaosFunction;
  readonly chance: Chance;
  readonly until: number;
  tell(line: string): void;
}

/** Of these so many may be broken at once. */
const AT_ONCE = 3;
const PAUSE_MS = 100;

/** Goes on until its time is over, then everything runs again. */
export async function injectFaults({ site, fn, chance, until, tell }: ChaosOptions): Promise<Injected[]> {
  const began = Date.now();
  const seconds = () => Math.round((Date.now() - began) / 100) / 10;
  const injected: Injected[] = [];
  const broken = new Set<string>();
  const failed: unknown[] = [];
  const inject = async ({ target, name, inject: run }: Fault) => {
    const at = seconds();
    broken.add(target);
    tell(`${at.toFixed(1).padStart(6)} s  ${name}`);
    await run().catch(error => failed.push(error));
    broken.delete(target);
    injected.push({ at, until: seconds(), name });
  };
  const isOneLeft = (slots: readonly Slot[], target: string) =>
    slots.some(({ name }) => name !== target && !broken.has(name));
  const mayBreak = (target: string) =>
    !broken.has(target) && isOneLeft(site.workers, target) && isOneLeft(site.gateways, target);
  const running = new Set<Promise<void>>();
  while (Date.now() < until && failed.length === 0) {
    await pause(chance.int('pause', 300, 3000));
    const fault = drawFault(site, fn, chance);
    while (broken.size >= AT_ONCE || !mayBreak(fault.target)) await pause(PAUSE_MS);
    const over = inject(fault);
    running.add(over);
    void over.then(() => running.delete(over));
  }
  await Promise.all(running);
  if (failed.length > 0) throw failed[0];
  return injected;
}

function drawFault(site: Site, fn: ChaosFunction, chance: Chance): Fault {
  const ms = (low: number, high: number) => chance.int('length', low, high);
  const stopFor = async (target: { signal(signal: NodeJS.Signals): void }, lengthMs: number) => {
    target.signal('SIGSTOP');
    await pause(lengthMs);
    target.signal('SIGCONT');
  };
  const slotOf = (slots: readonly Slot[], label: string) => {
    const slot = slots[chance.int(label, 0, slots.length - 1)];
    if (!slot) throw new Error('There is no process to break.');
    return slot;
  };
  const kind = chance.pick<Kind>('fault', ['worker', 'worker', 'gateway', 'broker', 'broker', 'redis', 'function']);
  const how = chance.int('how', 0, 2);
  switch (kind) {
    case 'worker':
    case 'gateway': {
      const slot = kind === 'worker' ? slotOf(site.workers, 'which worker') : slotOf(site.gateways, 'which gateway');
      const length = ms(500, 12_000);
      if (how === 0) return { target: slot.name, name: `${slot.name} is killed`, inject: () => slot.replace() };
      if (how === 1) return { target: slot.name, name: `${slot.name} is replaced`, inject: () => slot.roll() };
      return {
        target: slot.name,
        name: `${slot.name} stands still for ${length} ms`,
        inject: () => stopFor(slot, length),
      };
    }
    case 'broker': {
      const index = chance.int('which broker', 0, site.kafka.nodes.length - 1);
      const node = site.kafka.nodes[index];
      if (!node) throw new Error('There is no broker to break.');
      const length = ms(500, 6000);
      if (how === 0)
        return {
          target: kind,
          name: `broker ${index + 1} stands still for ${length} ms`,
          inject: () => stopFor(node, length),
        };
      return {
        target: kind,
        name: `broker ${index + 1} is killed, and away for ${length} ms`,
        async inject() {
          await node.kill();
          await pause(length);
          await node.start();
        },
      };
    }
    case 'redis': {
      const length = ms(200, 4000);
      if (how === 0)
        return { target: kind, name: `Redis stands still for ${length} ms`, inject: () => stopFor(site.redis, length) };
      return {
        target: kind,
        name: `Redis is killed, and away for ${length} ms`,
        async inject() {
          await site.redis.kill();
          await pause(length);
          await site.redis.start();
        },
      };
    }
    case 'function': {
      const mood: Mood = how === 0 ? 'slow' : how === 1 ? 'failing' : 'resetting';
      const length = ms(500, 4000);
      return {
        target: kind,
        name: `the function is ${mood} for ${length} ms`,
        async inject() {
          fn.setMood(mood);
          await pause(length);
          fn.setMood('well');
        },
      };
    }
  }
}
