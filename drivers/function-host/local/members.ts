// The instances of a pool and the questions asked of them all.
import { type Timer, toTimestamp } from '../../../core/world.ts';
import type { FunctionVersion, Lease } from '../function-host.ts';
import type { LocalInstance } from './instance.ts';
import type { HealthWatch } from './watch-health.ts';

export interface PoolMember {
  instance: LocalInstance | undefined;
  /** `draining` takes no more requests and stops when the last one has ended. */
  state: 'starting' | 'ready' | 'draining';
  /** Counts the changes of the code: 1 is what the pool began with. */
  readonly version: number;
  readonly startedAt: number;
  /** When the first of the instances with its version became ready, milliseconds since 1970. */
  since: number | undefined;
  origin: string;
  /** The leases of the requests that it works on. */
  readonly leases: Set<Lease>;
  /** It leaves health checks unanswered: it gets no requests until it answers one. */
  silent: boolean;
  watch: HealthWatch | undefined;
  /** Local modules that it has loaded. */
  readonly files: Set<string>;
  timer: Timer | undefined;
}

export function createMember(version: number, startedAt: number): PoolMember {
  return {
    instance: undefined,
    state: 'starting',
    version,
    startedAt,
    since: undefined,
    origin: '',
    leases: new Set(),
    silent: false,
    watch: undefined,
    files: new Set(),
    timer: undefined,
  };
}

/** The least busy ready member of the newest version that has room. */
export function freeMember(members: Iterable<PoolMember>, concurrency: number): PoolMember | undefined {
  let best: PoolMember | undefined;
  for (const member of members) {
    if (member.state !== 'ready' || member.silent || member.leases.size >= concurrency) continue;
    const better =
      !best ||
      member.version > best.version ||
      (member.version === best.version && member.leases.size < best.leases.size);
    if (better) best = member;
  }
  return best;
}

export function countIn(members: Iterable<PoolMember>, state: PoolMember['state']): number {
  let total = 0;
  for (const member of members) if (member.state === state) total++;
  return total;
}

/** Members that have the code of `version` and take requests, or will. */
export function countCurrent(members: Iterable<PoolMember>, version: number): number {
  let total = 0;
  for (const member of members)
    if (member.state !== 'draining' && !member.silent && member.version === version) total++;
  return total;
}

/** The member is ready now. */
export function beginsAt(members: Iterable<PoolMember>, member: PoolMember, now: number): void {
  member.since = now;
  for (const { version, since } of members)
    if (version === member.version && since !== undefined) member.since = Math.min(member.since, since);
}

/** An earlier one has instances as long as they work on requests. None while nothing runs. */
export function versionsOf(members: Iterable<PoolMember>, newest: number): readonly FunctionVersion[] {
  const ready = [...members].filter(({ since }) => since !== undefined);
  const versions = [...Map.groupBy(ready, ({ version }) => version)].sort(([a], [b]) => b - a);
  return versions.map(([version, all]) => {
    const since = Math.min(...all.map(each => each.since ?? Number.POSITIVE_INFINITY));
    return { isNewest: version === newest, since: toTimestamp(since), instances: all.length };
  });
}

export function totalInFlight(members: Iterable<PoolMember>): number {
  let total = 0;
  for (const member of members) total += member.leases.size;
  return total;
}

export function countSilent(members: Iterable<PoolMember>): number {
  let total = 0;
  for (const member of members) if (member.state === 'ready' && member.silent) total++;
  return total;
}
