// Gathers the results of jobs. It calls the function once for each job with all of them as a
// stream; the answer is the result of the job.

import { type EventRecord, toJsonText } from '../../core/cloudevents/record.ts';
import { TenfoldError } from '../../core/errors.ts';
import type { FanOutJob } from '../../core/fan-outs/job.ts';
import { decodeWithHead } from '../../core/fan-outs/job.ts';
import { INPUTS_TABLE } from '../../core/fan-outs/layout.ts';
import { streamResults } from '../../core/fan-outs/stream-results.ts';
import { traceOfRecord } from '../../core/trace-context.ts';
import { tracestateField } from '../../core/tracing/tracestate.ts';
import { ATTEMPT_HEADER, DEPTH_HEADER } from '../../core/wire.ts';
import type { Caller } from '../deliver/caller.ts';
import { consumerHeaders } from '../deliver/consumer-headers.ts';
import type { DeliveryItem, Destination, Outcome } from '../deliver/destination.ts';
import { originHeader } from '../deliver/origin-fields.ts';
import { errorToOutcome, toOutcome } from '../deliver/to-outcome.ts';
import type { DeadLetter } from '../dispatch/settings.ts';
import type { FanOutSite } from './fan-out-settings.ts';
import { readJob } from './job-watch.ts';
import { storeResult } from './store-result.ts';
import { BEHIND, type JobPlace, phaseOf, placeOf, tell, tellPatiently } from './task.ts';

export interface GatherOptions {
  readonly site: FanOutSite;
  readonly caller: Caller;
  /** For people. Undefined: the function is told none. */
  readonly consumer?: string | undefined;
  readonly timeoutMs: number;
}

const MAX_RESULT_BYTES = 64 * 1024 * 1024;
const PRIORITY = 5;
/** Lines are sent in pieces of about this size. */
const PIECE_BYTES = 65_536;

export function createGatherDestination(options: GatherOptions): Destination {
  return {
    label: options.caller.label,
    deliver: (items, signal) => Promise.all(items.map(item => gather(options, item, signal).catch(errorToOutcome))),
  };
}

async function gather(
  { site, caller, consumer, timeoutMs }: GatherOptions,
  item: DeliveryItem,
  signal: AbortSignal,
): Promise<Outcome> {
  const { store, settings, world } = site;
  const { record, attempt, asksAlone, trace } = item;
  const place = placeOf(record);
  if (place === undefined) return { kind: 'done' };
  const scope = settings.layout.scopeOf(place.partition);
  const job = await readJob(store, scope, place.nonce);
  const phase = phaseOf(record, job, ['gathering']);
  if (phase === 'behind' || job === undefined) return BEHIND;
  // The job was cancelled, or its results were gathered already.
  if (phase === 'past') return { kind: 'done' };
  const input = await readInput(site, scope, place.nonce);
  const answer = await caller.call(
    {
      method: 'POST',
      path: '/',
      headers: [
        'content-type',
        'application/x-ndjson',
        ATTEMPT_HEADER,
        String(attempt),
        DEPTH_HEADER,
        input?.headers[DEPTH_HEADER] ?? '0',
        ...(input ? [...originHeader(input, settings.namespace), ...tracestateField(input)] : []),
        ...(consumer === undefined ? [] : consumerHeaders(consumer, record.key)),
      ],
      body: null,
      stream: bodyOf(site, scope, place, job, input),
      trace: trace ?? (input && traceOfRecord(input)),
      timeoutMs,
      maxAnswerBytes: MAX_RESULT_BYTES,
      priority: PRIORITY,
      asksAlone,
    },
    signal,
  );
  const outcome = toOutcome(answer, world.now());
  if (outcome.kind !== 'done') return outcome;
  const { head, body } = await storeResult(site, place.nonce, 'result', answer);
  await tellPatiently(site, place, { kind: 'gathered', generation: job.generation, result: head }, body, signal);
  return { kind: 'done' };
}

/** Reports that the results of a job could not be gathered. */
export async function gatherDeadLettered(site: FanOutSite, letter: DeadLetter): Promise<void> {
  const place = placeOf(letter.record);
  if (place === undefined) return;
  const job = await readJob(site.store, site.settings.layout.scopeOf(place.partition), place.nonce);
  const phase = phaseOf(letter.record, job, ['gathering']);
  if (phase === 'behind') throw new TenfoldError('store-unavailable', BEHIND.error.message);
  if (phase === 'past' || job === undefined) return;
  const error = letter.error ?? { message: `It was given up: ${letter.reason}.` };
  await tell(site, place, { kind: 'gather-failed', generation: job.generation, error });
}

/**
 * First come the job and its event; then the items; at the end their number, by which a cut stream
 * is recognised.
 */
async function* bodyOf(
  site: FanOutSite,
  scope: string,
  { nonce }: JobPlace,
  { id, generation, reopened, items, succeeded, failed }: FanOutJob,
  input: EventRecord | undefined,
): AsyncGenerator<Uint8Array> {
  const { name } = site.settings;
  const job = { id, fanOut: name, generation, items, succeeded, failed };
  const lines: string[] = [`{"job":${JSON.stringify(job)},"event":${inputTextOf(name, input)}}`];
  let bytes = 0;
  let count = 0;
  for await (const line of streamResults(site, scope, nonce, reopened)) {
    lines.push(line);
    count++;
    bytes += line.length;
    if (bytes < PIECE_BYTES) continue;
    yield Buffer.from(`${lines.join('\n')}\n`);
    lines.length = 0;
    bytes = 0;
  }
  // A store that has lost its newest changes meanwhile gets them again, and then there is a next
  // attempt.
  if (count < succeeded + failed) {
    const message = `${count} of ${succeeded + failed} results of the job are there at the moment.`;
    throw new TenfoldError('store-unavailable', message);
  }
  lines.push(JSON.stringify({ end: true, count }));
  yield Buffer.from(`${lines.join('\n')}\n`);
}

async function readInput({ store }: FanOutSite, scope: string, nonce: string): Promise<EventRecord | undefined> {
  const row = await store.row(scope, INPUTS_TABLE, nonce);
  const input = row && decodeWithHead(row);
  return input && { headers: Object(input.head), value: input.body };
}

function inputTextOf(fanOut: string, input: EventRecord | undefined): string {
  if (input === undefined) return 'null';
  return toJsonText(input, { source: `/fan-outs/${fanOut}`, type: fanOut, partition: 0, offset: 0, timestamp: 0 });
}
