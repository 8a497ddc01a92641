// What can be broken: a kind of fault draws one of its cases from the seed; a fault breaks
// something, and has made it whole again when it resolves.
import { setTimeout as pause } from 'node:timers/promises';
import type { Chance } from '../../simulation/kernel/chance.ts';
import type { ChaosFunctions } from '../functions/functions.ts';
import type { Model } from '../model/model.ts';
import type { Site } from '../site/site.ts';

export interface Fault {
  /** What it breaks; each is broken by one at a time. */
  readonly targets: readonly string[];
  /** For people. */
  readonly name: string;
  /** It takes a process away, of which one of each role is to be left. */
  readonly takes?: 'gateway' | 'worker';
  /**
   * By it a worker can lose what it knew of an attempt: it is gone or still itself, or cut off from
   * its log or its store. All else excuses no attempt.
   */
  readonly losesAttempts?: boolean;
  /**
   * By it a worker can lose partitions to another, which tries once more what was under
   * way. It forgets no success.
   */
  readonly repeatsAttempts?: boolean;
  /** While it goes on no process is ready, for up to `longestOutageMs`. */
  readonly keepsFromReady?: boolean;
  /** It is over when processes are ready. */
  readonly waitsForReady?: boolean;
  inject(): Promise<void>;
}

export interface FaultSubject {
  readonly site: Site;
  readonly functions: ChaosFunctions;
  readonly model: Model;
  /** How long what workers can do without for a while may be away. */
  readonly longestOutageMs: number;
}

export interface FaultKind {
  readonly name: string;
  draw(subject: FaultSubject, chance: Chance): Fault;
}

/** For a moment. */
export async function during(lengthMs: number, begin: () => unknown, end: () => unknown): Promise<void> {
  await begin();
  try {
    await pause(lengthMs);
  } finally {
    await end();
  }
}

export const stopFor = (target: { signal(signal: NodeJS.Signals): void }, lengthMs: number): Promise<void> =>
  during(
    lengthMs,
    () => target.signal('SIGSTOP'),
    () => target.signal('SIGCONT'),
  );

/** Killed, away for a while, and there again with what it had on its disk. */
export const killFor = (target: { kill(): Promise<void>; start(): Promise<void> }, lengthMs: number): Promise<void> =>
  during(
    lengthMs,
    () => target.kill(),
    () => target.start(),
  );

/** One of a list, by the seed. */
export function oneOf<T>(chance: Chance, label: string, list: readonly T[]): T {
  const found = list[chance.int(label, 0, list.length - 1)];
  if (found === undefined) throw new Error('There is nothing to break.');
  return found;
}
