// Acts on a change of a job's state. It hands the job on to be divided or gathered, reports its
// end, and deletes what nobody asks for any more.
import { TenfoldError } from '../../core/errors.ts';
import { type Fact, GENERATION_HEADER, toFactRecord } from '../../core/fan-outs/facts.ts';
import { decodeFailedRow, decodeWithHead, type FanOutJob, isFinalState } from '../../core/fan-outs/job.ts';
import {
  BITS_TABLE,
  FAILED_TABLE,
  FAN_OUT_PARTITIONS,
  fanOutLayoutOf,
  INPUTS_TABLE,
  OUTCOMES_TABLE,
  RESULTS_TABLE,
} from '../../core/fan-outs/layout.ts';
import { indexOfKey } from '../../core/fan-outs/result-text.ts';
import { isOfLaterRelease } from '../../core/stored-version.ts';
import { partitionOf } from '../../drivers/event-log/partitioner.ts';
import type { Change } from '../../drivers/store/changes.ts';
import type { DeadLetters } from '../dispatch/dead-letters/dead-letter-options.ts';
import type { FanOutSite } from './fan-out-settings.ts';
import { readJob } from './job-watch.ts';
import type { StoredOutboxEntry } from './outbox.ts';
import { nestedNonceOf } from './start-destination.ts';
import { type JobPlace, placeHeaders } from './task.ts';

export interface OutboxHandlerOptions {
  readonly site: FanOutSite;
  /**
   * Spans are recorded, so a gathering continues the trace of the job's event. To find that costs a
   * read of the job's whole input.
   */
  readonly traced?: boolean;
  /** The dead letters of the items; opened when they are first needed. */
  itemLetters(): DeadLetters;
  splitLetters(): DeadLetters;
  /**
   * Publishes that a job has ended, as often as it is called: under the same id for the same end.
   */
  announce(job: FanOutJob, place: JobPlace): Promise<void>;
  /** Wakes those who wait for the job in this process. */
  ended(job: FanOutJob, place: JobPlace): void;
}

const PAGE = 500;
const EMPTY = new Uint8Array(0);

export function createOutboxHandler(
  options: OutboxHandlerOptions,
): (entry: StoredOutboxEntry, partition: number) => Promise<void> {
  const { site, announce, ended, traced } = options;
  const { log, store, settings } = site;
  const { layout, namespace } = settings;
  return async ({ nonce, entry, body, generation }, partition) => {
    const place = { nonce, partition };
    const scope = layout.scopeOf(partition);
    switch (entry.kind) {
      case 'split':
        return handOn(site, layout.splits, { ...place, generation }, entry.headers, body);
      case 'gather':
        return handOn(
          site,
          layout.gathers,
          { ...place, generation },
          traced ? await traceOf(site, scope, nonce) : {},
          EMPTY,
        );
      case 'ended': {
        const job = await currentJobOf(site, scope, nonce, generation);
        if (job === undefined) return;
        if (!isFinalState(job.state)) throw notThere(nonce);
        const parent = job.parent && parentFact(job);
        if (parent && job.parent) {
          const { facts } = fanOutLayoutOf(namespace, job.parent.fanOut);
          const value = await outcomeOf(site, scope, nonce);
          await log.append(facts, [toFactRecord(job.parent.nonce, job.parent.partition, parent, value)]);
        }
        await announce(job, place);
        ended(job, place);
        return;
      }
      case 'redrive':
        return redrive(options, scope, place, { generation, all: entry.all });
      case 'cancel-nested': {
        const job = await readJob(store, scope, nonce);
        return tellNested(site, nonce, { from: 0, to: job?.items ?? 0 }, { kind: 'cancel' });
      }
      case 'sweep':
        return sweep(site, scope, nonce);
    }
  };
}

/**
 * The job as it was when the outbox entry was made. Undefined when the job was taken up again or
 * forgotten since. A store that has lost its newest changes has an older state for a moment. Then
 * the outbox entry must stay, or its work would never be done.
 */
async function currentJobOf(
  { store }: FanOutSite,
  scope: string,
  nonce: string,
  generation: number,
): Promise<FanOutJob | undefined> {
  const job = await readJob(store, scope, nonce);
  if (job === undefined || job.generation < generation) throw notThere(nonce);
  return job.gone || job.generation > generation ? undefined : job;
}

function notThere(nonce: string): TenfoldError {
  return new TenfoldError('store-unavailable', `The state of job ${nonce} is not there at the moment.`);
}

async function handOn(
  { log }: FanOutSite,
  topic: string,
  place: JobPlace & { readonly generation: number },
  headers: Readonly<Record<string, string>>,
  value: Uint8Array,
): Promise<void> {
  const own = { ...placeHeaders(place), [GENERATION_HEADER]: String(place.generation) };
  await log.append(topic, [{ key: place.nonce, value, headers: { ...headers, ...own } }]);
}

function parentFact({ parent, state, id, generation, error, result }: FanOutJob): Fact | undefined {
  if (parent === undefined) return undefined;
  const { index } = parent;
  if (state === 'succeeded') return { kind: 'done', index, result: result ?? { status: 204, size: 0 } };
  const message = `The job ${id} that the item was divided into is ${state}${error ? `: ${error.message}` : '.'}`;
  const letter = { partition: -1, offset: -1, generation, attempts: 1, reason: state };
  return { kind: 'failed', index, error: { message }, letter };
}

async function outcomeOf({ store }: FanOutSite, scope: string, nonce: string): Promise<Uint8Array> {
  const row = await store.row(scope, OUTCOMES_TABLE, nonce);
  return (row && decodeWithHead(row)?.body) ?? new Uint8Array(0);
}

/**
 * Redrives the dead letters of all failed items, in their order. A job that is not fully divided
 * goes on to be divided.
 */
async function redrive(
  options: OutboxHandlerOptions,
  scope: string,
  place: JobPlace,
  { generation, all }: { readonly generation: number; readonly all: boolean },
): Promise<void> {
  const { site } = options;
  const { store } = site;
  const job = await currentJobOf(site, scope, place.nonce, generation);
  if (job === undefined) return;
  if (!job.split) await divideAgain(options, scope, place, job);
  if (!all) return;
  for (let after: string | undefined; ; ) {
    const page = await store.scan(scope, FAILED_TABLE, { prefix: [`${place.nonce}/`], limit: PAGE, after });
    const rows = page.rows.map(decodeFailedRow);
    const orders = rows
      .filter(row => row.generation < generation && row.letter.partition >= 0)
      .map(({ letter }) => ({ id: `${letter.partition}-${letter.offset}` }));
    // A letter that is gone was redriven or purged by hand, so there is nothing more to do.
    const refusals = orders.length > 0 ? await options.itemLetters().order('redrive', orders) : [];
    const later = refusals.find(isOfLaterRelease);
    if (later) throw later;
    for (const [at, row] of rows.entries()) {
      if (row.letter.partition >= 0 || row.generation >= generation) continue;
      const index = indexOfKey(page.rows[at]?.key ?? '');
      await tellNested(site, place.nonce, { from: index, to: index + 1 }, { kind: 'redrive' });
    }
    after = page.next;
    if (after === undefined) return;
  }
}

/**
 * Sends the fact to the jobs that items were made. Jobs that have ended, or never began, ignore it.
 */
async function tellNested(
  { log, settings }: FanOutSite,
  nonce: string,
  { from, to }: { readonly from: number; readonly to: number },
  fact: Fact,
): Promise<void> {
  const { namespace, layout, rules } = settings;
  if (rules.nested === undefined) return;
  const { facts } = fanOutLayoutOf(namespace, rules.nested);
  for (let start = from; start < to; start += PAGE) {
    const indexes = Array.from({ length: Math.min(PAGE, to - start) }, (_, at) => start + at);
    await log.append(
      facts,
      indexes.map(index => {
        const nested = nestedNonceOf(layout.items, { nonce, index });
        return toFactRecord(nested, partitionOf(nested, FAN_OUT_PARTITIONS), fact);
      }),
    );
  }
}

async function divideAgain(options: OutboxHandlerOptions, scope: string, place: JobPlace, job: FanOutJob) {
  const { site } = options;
  const { letter } = job;
  if (letter) {
    const [refused] = await options.splitLetters().order('redrive', [{ id: `${letter.partition}-${letter.offset}` }]);
    if (refused === undefined) return;
    if (isOfLaterRelease(refused)) throw refused;
  }
  const row = await site.store.row(scope, INPUTS_TABLE, place.nonce);
  const input = row && decodeWithHead(row);
  if (input)
    await handOn(
      site,
      site.settings.layout.splits,
      { ...place, generation: job.generation },
      Object(input.head),
      input.body,
    );
}

/** The trace of the event that began the job, for what comes after its items. */
async function traceOf({ store }: FanOutSite, scope: string, nonce: string): Promise<Record<string, string>> {
  const row = await store.row(scope, INPUTS_TABLE, nonce);
  const { traceparent, tracestate } = Object((row && decodeWithHead(row)?.head) ?? {});
  if (typeof traceparent !== 'string') return {};
  return typeof tracestate === 'string' ? { traceparent, tracestate } : { traceparent };
}

async function sweep({ store, settings }: FanOutSite, scope: string, nonce: string): Promise<void> {
  for (const table of [RESULTS_TABLE, FAILED_TABLE, BITS_TABLE]) {
    for (;;) {
      const { rows } = await store.scan(scope, table, { prefix: [`${nonce}/`], limit: PAGE });
      if (rows.length === 0) break;
      await store.apply(
        scope,
        rows.map(({ key }): Change => ({ kind: 'delete-row', table, key })),
      );
    }
  }
  const tables = [INPUTS_TABLE, OUTCOMES_TABLE];
  await store.apply(
    scope,
    tables.map((table): Change => ({ kind: 'delete-row', table, key: nonce })),
  );
  await store.delete(settings.layout.splitScope, nonce);
}
