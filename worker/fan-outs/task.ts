// Which job a record of a FanOut's topics is about, and how facts about it are told.
import { type Fact, HOME_HEADER, toFactRecord } from '../../core/fan-outs/facts.ts';
import { JOB_HEADER } from '../../core/jobs/job-id.ts';
import { sleep } from '../../core/world.ts';
import type { LogRecord } from '../../drivers/event-log/event-log.ts';
import type { FanOutSite } from './fan-out-settings.ts';

export interface JobPlace {
  readonly nonce: string;
  /** Of the facts. */
  readonly partition: number;
}

/** Undefined for a record that nobody of ours has written. */
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
const PAUSE_MS = 200;

/** The same with some patience: what led to the fact costs more than a wait. */
export async function tellPatiently(
  site: Pick<FanOutSite, 'world' | 'log' | 'settings'>,
  place: JobPlace,
  fact: Fact,
  value: Uint8Array | undefined,
  signal: AbortSignal,
): Promise<void> {
  const { world } = site;
  const until = world.monotonic() + PATIENCE_MS;
  for (;;) {
    try {
      return await tell(site, place, fact, value);
    } catch (error) {
      if (signal.aborted || world.monotonic() >= until) throw error;
      await sleep(world, PAUSE_MS, signal).catch(() => {});
    }
  }
}
