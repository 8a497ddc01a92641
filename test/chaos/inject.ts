// Breaks what the seed says, several things at a time, so long as one gateway and one worker are left alone; in the end everything runs again.
import { setTimeout as pause } from 'node:timers/promises';
import type { Chance } from '../simulation/kernel/chance.ts';
import { dealt } from './faults/all.ts';
import type { Fault, FaultKind, FaultSubject } from './faults/fault.ts';

export interface Injected {
  readonly kind: string;
  readonly name: string;
  /** Seconds since the start. */
  readonly at: number;
  readonly until: number;
  /** How many others were going on when it began. */
  readonly besides: number;
}

export interface InjectOptions extends FaultSubject {
  readonly kinds: readonly FaultKind[];
  readonly chance: Chance;
  /** It goes on until this is over, and all kinds have been there. */
  readonly seconds: number;
  tell(line: string): void;
  /** Gets each when it is over. */
  readonly injected: Injected[];
}

/** So many things may be broken at once. */
const AT_ONCE = 3;
/** So many are drawn ahead. */
const LOOK_AHEAD = 4;
const TICK_MS = 50;

interface Drawn {
  readonly kind: string;
  readonly fault: Fault;
  readonly pauseMs: number;
}

export async function injectFaults(options: InjectOptions): Promise<void> {
  const { site, model, kinds, chance, seconds, tell, injected } = options;
  const began = performance.now();
  const elapsed = () => Math.round((performance.now() - began) / 100) / 10;
  const going = new Map<Fault, Promise<void>>();
  const failed: unknown[] = [];
  const isBroken = (target: string) => [...going.keys()].some(({ targets }) => targets.includes(target));
  const leavesOne = ({ takes, targets }: Fault) =>
    takes === undefined ||
    (takes === 'worker' ? site.workers : site.gateways).some(({ name }) => !targets.includes(name) && !isBroken(name));
  const mayBegin = (fault: Fault) => going.size < AT_ONCE && !fault.targets.some(isBroken) && leavesOne(fault);
  const inject = async (kind: string, fault: Fault) => {
    const at = elapsed();
    const besides = going.size;
    tell(`${at.toFixed(1).padStart(6)} s  ${fault.name}`);
    const over = model.attempts.disturbed();
    try {
      await fault.inject();
    } catch (error) {
      failed.push(new Error(`${fault.name}: ${error instanceof Error ? error.message : error}`, { cause: error }));
    }
    over();
    going.delete(fault);
    injected.push({ kind, name: fault.name, at, until: elapsed(), besides });
  };
  // What cannot begin yet does not hold up the next ones.
  const waiting: Drawn[] = [];
  let drawn = 0;
  const deck = dealt(kinds, chance);
  const isOver = () => failed.length > 0 || (elapsed() >= seconds && drawn >= kinds.length && waiting.length === 0);
  while (!isOver()) {
    while (waiting.length < LOOK_AHEAD && (drawn < kinds.length || elapsed() < seconds)) {
      const kind = deck.next().value;
      waiting.push({ kind: kind.name, fault: kind.draw(options, chance), pauseMs: chance.int('pause', 200, 2000) });
      drawn++;
    }
    const next = waiting.findIndex(({ fault }) => mayBegin(fault));
    const [begins] = next < 0 ? [] : waiting.splice(next, 1);
    if (begins) going.set(begins.fault, inject(begins.kind, begins.fault));
    await pause(begins?.pauseMs ?? TICK_MS);
  }
  await Promise.all(going.values());
  if (failed.length > 0) throw failed[0];
}
