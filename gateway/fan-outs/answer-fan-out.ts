// Answers about jobs of a FanOut: accepted, as they stand, their results as a whole and in pages.
import { Readable } from 'node:stream';
import { TenfoldError } from '../../core/errors.ts';
import { decodeFailedRow, decodeWithHead } from '../../core/fan-outs/job.ts';
import { fanOutSignalOf } from '../../core/fan-outs/job-signal.ts';
import { type FanOutView, queuedFanOutView } from '../../core/fan-outs/job-view.ts';
import {
  FAILED_TABLE,
  type FanOutLayout,
  itemKeyOf,
  OUTCOMES_TABLE,
  RESULTS_TABLE,
} from '../../core/fan-outs/layout.ts';
import { decodeResult, indexOfKey, toFailedText, toItemText } from '../../core/fan-outs/result-text.ts';
import { streamResults } from '../../core/fan-outs/stream-results.ts';
import { formatJobId } from '../../core/jobs/job-id.ts';
import type { World } from '../../core/world.ts';
import type { Resource } from '../../resources/resource.ts';
import type { EventEndpoints, FanOutReadStore } from '../endpoints/event-endpoints.ts';
import type { Call } from '../exchange/target.ts';
import type { Preferences } from '../http/preferences.ts';
import type { JobEndpoint } from '../jobs/job-links.ts';
import { waitForJob } from '../jobs/wait-for-job.ts';
import { answerCall } from '../upstream/answer-call.ts';
import { answerStream } from '../upstream/answer-stream.ts';
import type { FanOutReader, FoundFanOut } from './fan-out-reader.ts';

export interface FanOutEndpointDeps {
  readonly world: World;
  readonly endpoints: EventEndpoints;
  readonly store: FanOutReadStore;
  readonly resource: Resource<'FanOut'>;
  readonly layout: FanOutLayout;
  readonly reader: FanOutReader;
  readonly endpoint: JobEndpoint;
}

export interface TakenFanOut {
  readonly id: string;
  readonly acceptedAt: number | undefined;
}

/**
 * Answers 202 with the job's present state; or, when the client prefers to wait and the job ends in
 * time, with its result.
 */
export async function answerFanOutAccepted(
  site: FanOutEndpointDeps,
  call: Call,
  /** `acceptedAt`: undefined for a job that an earlier request has begun. */
  { id, acceptedAt }: TakenFanOut,
  preferences: Preferences,
  more: object = {},
): Promise<void> {
  const { world, endpoints, resource, reader, endpoint } = site;
  const { namespace, name } = resource.metadata;
  const location = `${endpoint.baseOf(call)}/${id}`;
  const extra = preferences.applied === '' ? [] : ['preference-applied', preferences.applied];
  const { waitMs } = preferences;
  let found: FoundFanOut | 'gone' | undefined;
  if (waitMs !== undefined || acceptedAt === undefined) {
    const signal = fanOutSignalOf(namespace, name, id);
    const looked = waitMs ? waitForJob({ world, endpoints, reader, call, name: signal, id, waitMs }) : reader.find(id);
    found = await looked.catch(error => {
      // A new job is accepted even while the store cannot be read; the state of any other job is
      // then unknown.
      if (acceptedAt === undefined) throw error;
      return undefined;
    });
    if (call.ended) return;
  }
  if (found === 'gone') throw new TenfoldError('gone', 'The job has ended and is not remembered any more.');
  if (found?.final && waitMs !== undefined) return answerFanOutResult(site, call, found, location, extra);
  const view = found?.view ?? queuedFanOutView(id, name, acceptedAt ?? world.now());
  answerJson(call, endpoint, 202, { ...withFanOutLinks({ ...view, id }, location), ...more }, [
    'location',
    location,
    ...extra,
  ]);
}

export function answerFanOut(
  { endpoint }: FanOutEndpointDeps,
  call: Call,
  { view }: FoundFanOut,
  location: string,
  status = 200,
): void {
  answerJson(call, endpoint, status, withFanOutLinks(view, location), []);
}

/**
 * Answers with the result of the gathering function, or with the list of the results; for a job
 * that did not succeed, with the reason.
 */
export async function answerFanOutResult(
  site: FanOutEndpointDeps,
  call: Call,
  { view, job, id }: FoundFanOut,
  location: string,
  extra: readonly string[] = [],
): Promise<void> {
  if (view.state !== 'succeeded' || job === undefined) throw notSucceeded(view, location);
  const { endpoints, store, layout, endpoint } = site;
  const scope = layout.scopeOf(id.partition);
  const fields = ['location', location, 'cache-control', 'no-store', ...extra];
  const { result } = job;
  if (result === undefined) {
    const lines = streamResults({ store, blobs: endpoints.blobs }, scope, id.nonce, job.reopened);
    call.place = { origin: '', basePath: endpoint.mount };
    return answerStream(call, 200, [...fields, 'content-type', 'application/json'], Readable.from(listOf(lines)));
  }
  if (result.contentType !== undefined) fields.push('content-type', result.contentType);
  if (result.blob === undefined) {
    const row = await store.row(scope, OUTCOMES_TABLE, id.nonce);
    const body = row && decodeWithHead(row)?.body;
    return respond(call, endpoint, result.status, fields, body ?? Buffer.alloc(0));
  }
  await answerBlob(site, call, result.status, fields, result.blob);
}

/** One page of the results that are there, also while the job goes on. */
export async function answerResults(
  { store, layout, endpoint }: FanOutEndpointDeps,
  call: Call,
  { id }: FoundFanOut,
  { after, limit }: PageQuery,
): Promise<void> {
  const texts: string[] = [];
  const { rows, next } = await store.scan(layout.scopeOf(id.partition), RESULTS_TABLE, pageOf(id.nonce, after, limit));
  for (const row of rows) {
    const result = decodeResult(row);
    if (result === undefined) continue;
    const index = indexOfKey(row.key);
    const { head, body } = result;
    // A large one is read by itself.
    texts.push(
      head.blob === undefined
        ? toItemText(index, head, body)
        : JSON.stringify({ index, state: 'succeeded', status: head.status, size: head.size }),
    );
  }
  answerPage(call, endpoint, texts, next === undefined ? undefined : rows.at(-1)?.key);
}

/** One page of the items that were given up and are not being tried again. */
export async function answerFailed(
  { store, layout, endpoint }: FanOutEndpointDeps,
  call: Call,
  { id, job }: FoundFanOut,
  { after, limit }: PageQuery,
): Promise<void> {
  const scope = layout.scopeOf(id.partition);
  const { rows, next } = await store.scan(scope, FAILED_TABLE, pageOf(id.nonce, after, limit));
  const texts = rows.flatMap(row => {
    const failed = decodeFailedRow(row);
    return failed.generation < (job?.reopened ?? 0) ? [] : [toFailedText(indexOfKey(row.key), failed)];
  });
  answerPage(call, endpoint, texts, next === undefined ? undefined : rows.at(-1)?.key);
}

/** The result of one item, as it was answered. */
export async function answerItem(
  site: FanOutEndpointDeps,
  call: Call,
  { id }: FoundFanOut,
  index: number,
): Promise<void> {
  const { store, layout, endpoint } = site;
  const row = await store.row(layout.scopeOf(id.partition), RESULTS_TABLE, itemKeyOf(id.nonce, index));
  const result = row && decodeResult(row);
  if (result === undefined)
    throw new TenfoldError('not-found', `The job has no result of an item ${index}, or none yet.`);
  const { head, body } = result;
  const fields = ['cache-control', 'no-store'];
  if (head.contentType !== undefined) fields.push('content-type', head.contentType);
  if (head.blob === undefined) return respond(call, endpoint, head.status, fields, body);
  await answerBlob(site, call, head.status, fields, head.blob);
}

export interface PageQuery {
  readonly after: number | undefined;
  readonly limit: number;
}

export function withFanOutLinks(view: FanOutView, location: string): object {
  const { result } = view;
  return {
    ...view,
    location,
    ...(result === undefined ? {} : { result: { ...result, location: `${location}/result` } }),
  };
}

function notSucceeded({ state, error }: FanOutView, location: string): TenfoldError {
  const why = error === undefined ? '' : `: ${error.message}`;
  return new TenfoldError('job-failed', `The job is ${state}${why}`, { extensions: { state, location } });
}

function pageOf(nonce: string, after: number | undefined, limit: number) {
  const from = after === undefined ? undefined : { value: itemKeyOf(nonce, after), inclusive: false };
  return { prefix: [`${nonce}/`], limit, ...(from === undefined ? {} : { from }) };
}

function answerPage(call: Call, endpoint: JobEndpoint, texts: readonly string[], last: string | undefined): void {
  const next = last === undefined ? '' : `,"next":${indexOfKey(last)}`;
  const fields = ['content-type', 'application/json', 'cache-control', 'no-store'];
  respond(call, endpoint, 200, fields, Buffer.from(`{"items":[${texts.join(',')}]${next}}`));
}

async function answerBlob(
  { endpoints, endpoint }: FanOutEndpointDeps,
  call: Call,
  status: number,
  fields: readonly string[],
  key: string,
): Promise<void> {
  const open = await endpoints.blobs?.get(key);
  if (open === undefined) throw new TenfoldError('gone', 'The result is not kept any more.');
  call.place = { origin: '', basePath: endpoint.mount };
  answerStream(call, status, [...fields, 'content-length', String(open.length)], open.body);
}

async function* listOf(lines: AsyncIterable<string>): AsyncGenerator<Buffer> {
  let first = true;
  for await (const line of lines) {
    yield Buffer.from(`${first ? '[' : ','}\n${line}`);
    first = false;
  }
  yield Buffer.from(first ? '[]' : '\n]');
}

function answerJson(
  call: Call,
  endpoint: JobEndpoint,
  status: number,
  document: object,
  extra: readonly string[],
): void {
  const fields = ['content-type', 'application/json', 'cache-control', 'no-store', ...extra];
  respond(call, endpoint, status, fields, Buffer.from(JSON.stringify(document)));
}

/**
 * Locations are paths as the client sees them: the exchange must not put its
 * mount in front of them again.
 */
function respond(call: Call, endpoint: JobEndpoint, status: number, fields: readonly string[], body: Buffer): void {
  call.place = { origin: '', basePath: endpoint.mount };
  answerCall(call, status, fields, body);
}

export function textOf({ id }: FoundFanOut): string {
  return formatJobId(id);
}
