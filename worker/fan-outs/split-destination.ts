// Divides jobs, page by page. It stores how far it got, so that a crash neither loses items nor
// asks twice for items that were handed out.

import { INDEX_HEADER } from '../../core/fan-outs/facts.ts';
import { decodeWithHead, encodeWithHead, type FanOutJob } from '../../core/fan-outs/job.ts';
import { parseExactly, toExactText } from '../../core/units/whole-numbers.ts';
import { toTimestamp } from '../../core/world.ts';
import type { NewRecord } from '../../drivers/event-log/event-log.ts';
import type { DeliveryItem, Destination, Outcome } from '../deliver/destination.ts';
import { inheritedOrigin } from '../deliver/origin-fields.ts';
import { errorToOutcome } from '../deliver/to-outcome.ts';
import { inheritedHeaders } from '../deliver/topic-publisher.ts';
import type { DeadLetter } from '../dispatch/settings.ts';
import type { FanOutSite } from './fan-out-settings.ts';
import { readJob } from './job-watch.ts';
import { SplitRefusal, type Splitter } from './splitter.ts';
import { BEHIND, type JobPlace, phaseOf, placeHeaders, placeOf, tell } from './task.ts';

interface Progress {
  /** Index of the first item that may not have been handed out. */
  readonly next: number;
  /**
   * The cursor of the page behind those that are kept or, where none are kept, of the page at
   * `next`.
   */
  readonly cursor: unknown;
  /** There are no more pages. */
  readonly end: boolean;
  /** The page at `next`, until it was handed out. */
  readonly kept: readonly unknown[] | undefined;
}

interface Stored {
  readonly progress: Progress;
  readonly version: string | undefined;
}

const START: Progress = { next: 0, cursor: undefined, end: false, kept: undefined };
/** A job is divided within its deadline; afterwards nobody needs this row. */
const BEYOND_DEADLINE_MS = 31 * 86_400_000;
const MAX_APPEND = 1_000;
const MAX_APPEND_BYTES = 2 * 1024 * 1024;

export function createSplitDestination(site: FanOutSite, splitter: Splitter): Destination {
  const { store, settings } = site;
  const { splitScope } = settings.layout;

  const load = async (nonce: string): Promise<Stored> => {
    const entry = await store.get(splitScope, nonce);
    return entry
      ? { progress: decode({ key: nonce, ...entry }), version: entry.version }
      : { progress: START, version: undefined };
  };

  /** Undefined: another process divides the job as well, and is further. */
  const save = async (nonce: string, progress: Progress, version: string | undefined): Promise<Stored | undefined> => {
    const ttlMs = settings.rules.deadlineMs + BEYOND_DEADLINE_MS;
    const when = version === undefined ? ('absent' as const) : { version };
    const outcome = await store.put(splitScope, nonce, encode(progress), { ttlMs, when });
    return outcome.written ? { progress, version: outcome.version } : undefined;
  };

  const divide = async (item: DeliveryItem, signal: AbortSignal): Promise<Outcome> => {
    const place = placeOf(item.record);
    if (place === undefined) return { kind: 'done' };
    const scope = settings.layout.scopeOf(place.partition);
    const job = await readJob(store, scope, place.nonce);
    const phase = phaseOf(item.record, job, OPEN);
    if (phase === 'behind' || job === undefined) return BEHIND;
    if (phase === 'past') return ended(job);
    const pageOf = splitter.open(item, job.id);
    let stored = await load(place.nonce);
    for (;;) {
      signal.throwIfAborted();
      const { progress, version } = stored;
      const { next, kept, end } = progress;
      if (kept !== undefined) {
        await handOut(site, { item, place, job }, next, kept);
        const passed = next + kept.length;
        await tell(site, place, { kind: 'split', items: passed, done: end });
        if (end) return { kind: 'done' };
        const current = await readJob(store, scope, place.nonce);
        if (current && phaseOf(item.record, current, OPEN) === 'past') return ended(current);
      }
      const from = next + (kept?.length ?? 0);
      const page = await pageOf(progress.cursor, signal);
      if (from + page.items.length > settings.maxItems) {
        const message = `The job has more than ${settings.maxItems} items, the most that "maxItems" allows.`;
        return { kind: 'failed', retryable: false, error: { message } };
      }
      // The page is stored before any of it is handed out. Asked again, a function may answer
      // otherwise.
      const ahead: Progress = { next: from, cursor: page.cursor, end: page.cursor === undefined, kept: page.items };
      const written = await save(place.nonce, splitter.repeatable ? lean(ahead, progress) : ahead, version);
      stored = written ? { ...written, progress: ahead } : await load(place.nonce);
    }
  };

  return {
    label: `the jobs of fan-out ${settings.name}`,
    deliver: (items, signal) =>
      Promise.all(
        items.map(item =>
          divide(item, signal).catch(error => (error instanceof SplitRefusal ? error.outcome : errorToOutcome(error))),
        ),
      ),
  };
}

const OPEN: readonly FanOutJob['state'][] = ['splitting', 'working'];

/** The job no longer wants its items. A failed job is an exception, as it may be taken up again. */
function ended({ gone, state }: FanOutJob): Outcome {
  if (gone || (state !== 'failed' && state !== 'expired')) return { kind: 'done' };
  const message = `The job is ${state}; it was not divided further.`;
  return { kind: 'failed', retryable: false, cancelled: true, error: { message } };
}

/** Reports a job that could not be divided. */
export async function splitDeadLettered(site: Pick<FanOutSite, 'log' | 'settings'>, letter: DeadLetter): Promise<void> {
  const place = placeOf(letter.record);
  if (place === undefined) return;
  const { partition, offset, generation, attempts, reason } = letter;
  const error = letter.error ?? { message: `It was given up: ${reason}.` };
  await tell(site, place, {
    kind: 'split-failed',
    error,
    letter: { partition, offset, generation, attempts, reason },
  });
}

/** A page that can be read again is not stored, only its beginning. */
function lean(ahead: Progress, { cursor }: Progress): Progress {
  return { next: ahead.next, cursor, end: false, kept: undefined };
}

async function handOut(
  { log, world, settings }: FanOutSite,
  { item, place, job }: { readonly item: DeliveryItem; readonly place: JobPlace; readonly job: FanOutJob },
  from: number,
  items: readonly unknown[],
): Promise<void> {
  const { name, layout, perJob } = settings;
  const { nonce } = place;
  const common: Record<string, string> = {
    ...inheritedHeaders(item),
    ...inheritedOrigin(item.record),
    ...placeHeaders(place),
    ce_specversion: '1.0',
    ce_source: `/fan-outs/${name}`,
    ce_type: `${name}.item`,
    ce_subject: job.id,
    ce_time: toTimestamp(world.now()),
    'content-type': 'application/json',
  };
  let records: NewRecord[] = [];
  let bytes = 0;
  for (const [at, data] of items.entries()) {
    const index = from + at;
    const value = Buffer.from(toExactText(data) ?? 'null');
    if (records.length === MAX_APPEND || (records.length > 0 && bytes + value.length > MAX_APPEND_BYTES)) {
      await log.append(layout.items, records);
      records = [];
      bytes = 0;
    }
    bytes += value.length;
    records.push({
      // As many lanes as items of one job may run at the same time.
      key: perJob === undefined ? null : `${nonce}/${index % perJob}`,
      value,
      headers: { ...common, ce_id: `${nonce}-${index}`, ce_itemindex: String(index), [INDEX_HEADER]: String(index) },
    });
  }
  if (records.length > 0) await log.append(layout.items, records);
}

function encode({ next, cursor, end, kept }: Progress): Uint8Array {
  return encodeWithHead({ next, cursor, end }, kept === undefined ? new Uint8Array(0) : Buffer.from(toExactText(kept)));
}

function decode(entry: Parameters<typeof decodeWithHead>[0]): Progress {
  const decoded = decodeWithHead(entry);
  if (decoded === undefined) return START;
  const { next, cursor, end }: Partial<Progress> = Object(decoded.head);
  const kept: unknown = decoded.body.length === 0 ? undefined : parseExactly(decoded.body.toString('utf8'));
  return { next: next ?? 0, cursor, end: end === true, kept: Array.isArray(kept) ? kept : undefined };
}
