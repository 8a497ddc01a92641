// What must be true of every job when nothing happens any more: it ended once for each time it was
// taken up, and its items are counted right.
import {
  decodeFanOutJob,
  decodeWithHead,
  type FailedRow,
  type FanOutJob,
  isFinalState,
} from '../../../core/fan-outs/job.ts';
import {
  FAILED_TABLE,
  JOBS_TABLE,
  OUTBOX_TABLE,
  OUTCOMES_TABLE,
  RESULTS_TABLE,
} from '../../../core/fan-outs/layout.ts';
import { indexOfKey } from '../../../core/fan-outs/result-text.ts';
import type { FanOutSettings } from '../../../worker/fan-outs/fan-out-settings.ts';
import { judgeFanOut, type SeenFanOut } from '../../judge/fan-outs.ts';
import type { SimulatedBroker } from '../log/broker.ts';
import type { SimulatedState } from '../store/simulated-state.ts';
import type { Gathered, Outside } from './outside.ts';
import { ENDED } from './own.ts';

export interface BegunJob {
  readonly nonce: string;
  readonly partition: number;
  readonly items: number;
  cancelled: boolean;
}

export interface Evidence {
  readonly broker: SimulatedBroker;
  readonly state: SimulatedState;
  readonly outside: Outside;
  readonly settings: FanOutSettings;
  readonly begun: readonly BegunJob[];
  /** The store has lost something: a page that a function gave may have been asked for twice. */
  readonly lossy: boolean;
}

export function jobOf({ state, settings }: Evidence, { nonce, partition }: BegunJob): FanOutJob | undefined {
  const value = state.bytes(settings.layout.scopeOf(partition), JOBS_TABLE, nonce);
  return value && decodeFanOutJob(value);
}

/** Whether all have ended, and everybody was told. */
export function isQuiet(evidence: Evidence): boolean {
  const { begun, state, settings } = evidence;
  return begun.every(job => {
    const { state: standing = 'queued' } = jobOf(evidence, job) ?? {};
    return isFinalState(standing) && state.bytesOf(settings.layout.scopeOf(job.partition), OUTBOX_TABLE).length === 0;
  });
}

/** What is wrong; undefined when nothing is. */
export function judgeJobs(evidence: Evidence): string | undefined {
  const ends = endsOf(evidence);
  for (const begun of evidence.begun) {
    const job = jobOf(evidence, begun);
    if (job === undefined) return `${begun.nonce} was begun and is not known`;
    const [wrong] = judgeFanOut(seenOf(evidence, begun, job, ends.get(job.id) ?? new Map()));
    if (wrong !== undefined) return `${wrong} (${JSON.stringify(job)})`;
  }
  return judgeWork(evidence);
}

function seenOf(
  evidence: Evidence,
  { nonce, partition, items }: BegunJob,
  job: FanOutJob,
  told: SeenFanOut['told'],
): SeenFanOut {
  const { state, settings } = evidence;
  const scope = settings.layout.scopeOf(partition);
  const mine = (table: string) => state.bytesOf(scope, table).filter(([key]) => key.startsWith(`${nonce}/`));
  const results = mine(RESULTS_TABLE).map(([key]) => indexOfKey(key));
  const failures = mine(FAILED_TABLE)
    .filter(([, value]) => (JSON.parse(value.toString()) as FailedRow).generation >= job.reopened)
    .map(([key]) => indexOfKey(key));
  const gathers = settings.rules.gathers && job.state === 'succeeded';
  const gathered = gathers ? gatheredOf(evidence, scope, nonce) : undefined;
  return {
    name: nonce,
    items,
    state: job.state,
    generation: job.generation,
    told,
    least: leastOf(settings, items),
    results,
    failures,
    counted: { items: job.split ? job.items : undefined, succeeded: job.succeeded, failed: job.failed },
    gathered: gathered?.indexes ?? (gathers ? 'nothing' : undefined),
    leastGathered: leastGatheredOf(settings, items, gathered),
  };
}

function gatheredOf({ state }: Evidence, scope: string, nonce: string): Gathered | undefined {
  const outcome = state.bytes(scope, OUTCOMES_TABLE, nonce);
  const body = outcome && decodeWithHead({ key: nonce, value: outcome })?.body;
  const gathered = body && (JSON.parse(body.toString()) as Gathered);
  // A stream without its end is none.
  return gathered?.whole ? gathered : undefined;
}

/** So many results it needs at least to succeed. */
function leastOf(settings: FanOutSettings, items: number): number {
  const { when, quorum } = settings.rules.completion;
  if (when === 'all') return items - toleratedOf(settings, items);
  if (when === 'quorum' && quorum) return 'count' in quorum ? quorum.count : Math.ceil(quorum.fraction * items);
  return 0;
}

/** With a quorum or at a deadline some may come while it is being gathered. */
function leastGatheredOf(settings: FanOutSettings, items: number, gathered: Gathered | undefined): number {
  if (settings.rules.completion.when !== 'all') return 0;
  return items - toleratedOf(settings, items) - (gathered?.failed.length ?? 0);
}

/** So many items may be missing where all of them count. */
function toleratedOf({ rules }: FanOutSettings, items: number): number {
  const { tolerate } = rules.completion;
  return 'count' in tolerate ? tolerate.count : Math.floor(tolerate.fraction * items);
}

/** By job and generation: how it was said to have ended. */
function endsOf({ broker }: Evidence): Map<string, Map<number, Set<string>>> {
  const ends = new Map<string, Map<number, Set<string>>>();
  for (const { history } of broker.partitions(ENDED) ?? []) {
    for (const { key, value } of history) {
      const [generation = '', state = ''] = Buffer.from(value).toString().split(' ');
      const mine = ends.get(key ?? '') ?? new Map<number, Set<string>>();
      ends.set(key ?? '', mine);
      const told = mine.get(Number(generation)) ?? new Set();
      mine.set(Number(generation), told.add(state));
    }
  }
  return ends;
}

/**
 * A page that was handed out is not asked for again: the same item is the
 * same each time it is worked.
 */
function judgeWork({ outside, lossy }: Evidence): string | undefined {
  if (lossy) return undefined;
  for (const [place, seen] of outside.worked) {
    if (seen.size > 1) return `${place} was worked as ${[...seen].join(' and as ')}`;
  }
  return undefined;
}
