// The instances of a pool and the questions asked of them all.
import type { Timer } from '../../../core/world.ts';
import type { Instance } from './instance.ts';

export interface Member {
  instance: Instance | undefined;
  /** `draining` takes no more requests and stops when the last one has ended. */
  state: 'starting' | 'ready' | 'draining';
  /** Counts the changes of the code: 1 is what the pool began with. */
  readonly version: number;
  readonly startedAt: number;
  origin: string;
  inFlight: number;
  /** Local modules that it has loaded. */
  readonly files: Set<string>;
  timer: Timer | undefined;
}

export function createMember(version: number, startedAt: number): Member {
  return {
    instance: undefined,
    state: 'starting',
    version,
    startedAt,
    origin: '',
    inFlight: 0,
    files: new Set(),
    timer: undefined,
  };
}

/** The least busy ready member of the newest version that has room. */
export function freeMember(members: Iterable<Member>, concurrency: number): Member | undefined {
  let best: Member | undefined;
  for (const member of members) {
    if (member.state !== 'ready' || member.inFlight >= concurrency) continue;
    const better =
      !best || member.version > best.version || (member.version === best.version && member.inFlight < best.inFlight);
    if (better) best = member;
  }
  return best;
}

export function countIn(members: Iterable<Member>, state: Member['state']): number {
  let total = 0;
  for (const member of members) if (member.state === state) total++;
  return total;
}

/** Members that have the code of `version` and will take requests. */
export function countCurrent(members: Iterable<Member>, version: number): number {
  let total = 0;
  for (const member of members) if (member.state !== 'draining' && member.version === version) total++;
  return total;
}

export function totalInFlight(members: Iterable<Member>): number {
  let total = 0;
  for (const member of members) total += member.inFlight;
  return total;
}
