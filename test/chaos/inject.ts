// Breaks what the seed says, several things at a time, so long as one gateway and one worker are
// left alone; in the end everything runs again.
// After each round of all kinds there are calm ones, of what excuses no attempt at an event: what
// is tried then is judged strictly.
import { setTimeout as pause } from 'node:timers/promises';
import type { Chance } from '../simulation/kernel/chance.ts';
import { shuffled } from './faults/all.ts';
import type { Fault, FaultKind, FaultSubject } from './faults/fault.ts';
import type { Site } from './site/site.ts';

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
  /** It goes on until this is over, and one round of each sort. */
  readonly seconds: number;
  /**
   * What waits so long for processes to be ready finds no more outages that keep them
   * from it; 30 when left out.
   */
  readonly calmAfterSeconds?: number;
  tell(line: string): void;
  /** Gets each when it is over. */
  readonly injected: Injected[];
}

/** So many things may be broken at once. */
const AT_ONCE = 3;
/** So many of those that come are looked at. */
const LOOK_AHEAD = 4;
const TICK_MS = 50;
const CALM_AFTER_SECONDS = 30;
const READY_WITHIN_MS = 5 * 60_000;
const ASK_AGAIN_MS = 500;

interface Drawn {
  readonly kind: string;
  readonly fault: Fault;
  readonly pauseMs: number;
}

export async function injectFaults(options: InjectOptions): Promise<void> {
  const { site, model, kinds, chance, seconds, calmAfterSeconds = CALM_AFTER_SECONDS, tell, injected } = options;
  const began = performance.now();
  const elapsed = () => Math.round((performance.now() - began) / 100) / 10;
  const going = new Map<Fault, Promise<void>>();
  const beganAt = new Map<Fault, number>();
  const recovering: Promise<void>[] = [];
  const failed: unknown[] = [];
  const isBroken = (target: string) => [...going.keys()].some(({ targets }) => targets.includes(target));
  const leavesOne = ({ takes, targets }: Fault) =>
    takes === undefined ||
    (takes === 'worker' ? site.workers : site.gateways).some(({ name }) => !targets.includes(name) && !isBroken(name));
  /**
   * Outages of a minute each, one upon the other, would keep processes from being ready for
   * as long as anybody waits.
   */
  const isOverdue = () =>
    [...going.keys()].some(
      fault => fault.waitsForReady && elapsed() - (beganAt.get(fault) ?? elapsed()) >= calmAfterSeconds,
    );
  const mayBegin = (fault: Fault) =>
    going.size < AT_ONCE && !fault.targets.some(isBroken) && leavesOne(fault) && !(fault.keepsFromReady && isOverdue());
  const inject = async (kind: string, fault: Fault) => {
    const at = elapsed();
    const besides = going.size;
    beganAt.set(fault, at);
    tell(`${at.toFixed(1).padStart(6)} s  ${fault.name}`);
    const excuse = fault.losesAttempts ? 'lost' : fault.repeatsAttempts ? 'repeated' : undefined;
    const over = excuse && model.disturbances.disturbed(excuse);
    try {
      await fault.inject();
    } catch (error) {
      failed.push(new Error(`${fault.name}: ${error instanceof Error ? error.message : error}`, { cause: error }));
    }
    going.delete(fault);
    beganAt.delete(fault);
    if (over) recovering.push(workAgain(site).then(over));
    injected.push({ kind, name: fault.name, at, until: elapsed(), besides });
  };
  const round = (isCalm: boolean): Drawn[] =>
    shuffled(kinds, chance)
      .map(kind => ({
        kind: kind.name,
        fault: kind.draw(options, chance),
        pauseMs: chance.int('pause', 200, 2000),
      }))
      .filter(({ fault }) => !isCalm || !(fault.losesAttempts || fault.repeatsAttempts));
  const waiting = [...round(false), ...round(true)];
  let isFirst = true;
  const isOver = () => failed.length > 0 || (elapsed() >= seconds && (waiting.length === 0 || !isFirst));
  while (!isOver()) {
    if (waiting.length === 0) {
      // Whether workers go on after the last of a round is known only in the midst of the calm one.
      waiting.push(...round(false), ...round(true), ...round(true));
      isFirst = false;
    }
    // What cannot begin yet does not hold up the next ones.
    const next = waiting.slice(0, LOOK_AHEAD).findIndex(({ fault }) => mayBegin(fault));
    const [begins] = next < 0 ? [] : waiting.splice(next, 1);
    if (begins) going.set(begins.fault, inject(begins.kind, begins.fault));
    await pause(begins?.pauseMs ?? TICK_MS);
  }
  await Promise.all(going.values());
  await Promise.all(recovering);
  if (failed.length > 0) throw failed[0];
}

/**
 * Each worker has been ready: until then what has happened may have further
 * consequences for attempts.
 */
async function workAgain({ workers }: Site): Promise<void> {
  const end = performance.now() + READY_WITHIN_MS;
  for (const worker of workers)
    while (performance.now() < end && !(await worker.running.isReady())) await pause(ASK_AGAIN_MS);
}
