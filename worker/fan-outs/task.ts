// Reads which job a record of a FanOut's topics is about, and publishes facts about it.
import { type Fact, GENERATION_HEADER, HOME_HEADER, toFactRecord } from '../../core/fan-outs/facts.ts';
import type { FanOutJob } from '../../core/fan-outs/job.ts';
import { JOB_HEADER } from '../../core/jobs/job-id.ts';
import { again } from '../../core/retry/again.ts';
import type { LogRecord } from '../../drivers/event-log/event-log.ts';
import type { Outcome } from '../deliver/destination.ts';
import type { FanOutSite } from './fan-out-settings.ts';

export interface JobPlace {
  readonly nonce: string;
  /** The partition of the facts. */
  readonly partition: number;
}

/** Undefined for a record that no part of ours has written. */
export function placeOf({ headers }: Pick<LogRecord, 'headers'>): JobPlace | undefined {
  const nonce = headers[JOB_HEADER];
  const partition = Number(headers[HOME_HEADER] ?? '');
  return nonce !== undefined && headers[HOME_HEADER] !== undefined && Number.isInteger(partition)
    ? { nonce, partition }
    : undefined;
}

export function placeHeaders({ nonce, partition }: JobPlace): Record<string, string> {
  return { [JOB_HEADER]: nonce, [HOME_HEADER]: String(partition) };
}

/**
 * Whether the job is where it was when the task was made. `behind`: the store has lost its newest
 * changes and will get them again. `past`: the job has gone on since, and nobody waits for the
 * task.
 */
export function phaseOf(
  { headers }: Pick<LogRecord, 'headers'>,
  job: FanOutJob | undefined,
  wanted: readonly FanOutJob['state'][],
): 'behind' | 'now' | 'past' {
  const generation = Number(headers[GENERATION_HEADER] ?? 0);
  if (job === undefined || job.generation < generation) return 'behind';
  if (job.gone) return 'past';
  if (wanted.includes(job.state)) return 'now';
  const early = job.state === 'splitting' || job.state === 'working';
  return early && job.generation === generation ? 'behind' : 'past';
}

/** The outcome of a task whose job is behind: the missing state comes by itself. */
export const BEHIND = {
  kind: 'failed',
  retryable: true,
  error: { message: 'The state of the job is not there at the moment.' },
} as const satisfies Outcome;

/** Durable when it resolves. */
export async function tell(
  { log, settings }: Pick<FanOutSite, 'log' | 'settings'>,
  { nonce, partition }: JobPlace,
  fact: Fact,
  value?: Uint8Array,
): Promise<void> {
  await log.append(settings.layout.facts, [toFactRecord(nonce, partition, fact, value)]);
}

const PATIENCE_MS = 30_000;
const PAUSES = { base: 200, max: 1_000 };

/** The same with some patience: the work behind the fact costs more than a wait. */
export function tellPatiently(
  site: Pick<FanOutSite, 'world' | 'log' | 'settings'>,
  place: JobPlace,
  fact: Fact,
  value: Uint8Array | undefined,
  signal: AbortSignal,
): Promise<void> {
  const { world } = site;
  const until = world.monotonic() + PATIENCE_MS;
  const failed = (error: unknown) => {
    if (world.monotonic() >= until) throw error;
  };
  return again(() => tell(site, place, fact, value), { ...PAUSES, failed }, { world, signal });
}
