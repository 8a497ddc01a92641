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
    const wrong = judgeCounts(evidence, begun, job) ?? judgeEnds(job, ends.get(job.id) ?? new Map());
    if (wrong !== undefined) return `${begun.nonce} (${JSON.stringify(job)}): ${wrong}`;
  }
  return judgeWork(evidence);
}

function judgeCounts(evidence: Evidence, { nonce, partition, items }: BegunJob, job: FanOutJob): string | undefined {
  const { state, settings } = evidence;
  const scope = settings.layout.scopeOf(partition);
  const mine = (table: string) => state.bytesOf(scope, table).filter(([key]) => key.startsWith(`${nonce}/`));
  const results = mine(RESULTS_TABLE).map(([key]) => indexOfKey(key));
  const failed = mine(FAILED_TABLE)
    .filter(([, value]) => (JSON.parse(value.toString()) as FailedRow).generation >= job.reopened)
    .map(([key]) => indexOfKey(key));
  if (results.length !== job.succeeded) return `${results.length} results are kept`;
  if (job.failed !== failed.filter(index => !results.includes(index)).length && job.state !== 'succeeded')
    return `${failed.length} failures are kept`;
  if (results.some(index => index >= items)) return `it has results of items that it has not: ${results}`;
  if (job.split && job.items !== items) return `it was divided into ${job.items} items and has ${items}`;
  if (job.state !== 'succeeded') return undefined;
  const { when, quorum, tolerate } = settings.rules.completion;
  if (when === 'all') {
    const tolerated = 'count' in tolerate ? tolerate.count : Math.floor(tolerate.fraction * items);
    if (items - results.length > tolerated) return `it succeeded with ${results.length} of ${items} items`;
  }
  if (when === 'quorum' && quorum) {
    const needed = 'count' in quorum ? quorum.count : Math.ceil(quorum.fraction * items);
    if (results.length < needed) return `it succeeded with ${results.length} of ${needed} that it needs`;
  }
  return settings.rules.gathers ? judgeGathered(evidence, { scope, nonce }, job, results) : undefined;
}

function judgeGathered(
  { state, settings }: Evidence,
  { scope, nonce }: { readonly scope: string; readonly nonce: string },
  { items }: FanOutJob,
  results: readonly number[],
): string | undefined {
  const outcome = state.bytes(scope, OUTCOMES_TABLE, nonce);
  const body = outcome && decodeWithHead({ key: nonce, value: outcome })?.body;
  if (body === undefined) return 'it succeeded and was not gathered';
  const gathered = JSON.parse(body.toString()) as Gathered;
  if (!gathered.whole) return 'it was gathered from a stream without its end';
  if (gathered.indexes.some((index, at) => at > 0 && index <= (gathered.indexes[at - 1] ?? -1)))
    return `its results came out of order: ${gathered.indexes}`;
  if (gathered.indexes.some(index => !results.includes(index))) return 'it was gathered from what is not there';
  // With a quorum or at a deadline some may come while it is being gathered.
  if (settings.rules.completion.when !== 'all') return undefined;
  return gathered.indexes.length + gathered.failed.length >= items - missing(settings, items)
    ? undefined
    : `it was gathered from ${gathered.indexes.length} and ${gathered.failed.length} of ${items}`;
}

/** At the deadline a job may succeed without items that it tolerates. */
function missing({ rules }: FanOutSettings, items: number): number {
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

function judgeEnds({ state, generation }: FanOutJob, ends: ReadonlyMap<number, ReadonlySet<string>>) {
  for (const [when, told] of ends) {
    if (told.has('expired-early')) return `it expired before its deadline in generation ${when}`;
    if (told.size > 1) return `it ended as ${[...told].join(' and ')} in generation ${when}`;
    if (when > generation) return `it was told to have ended in generation ${when}, which there never was`;
  }
  const last = ends.get(generation);
  if (last === undefined) return 'nobody was told that it ended';
  return last.has(state) ? undefined : `it was told to be ${[...last].join()}`;
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
