// Answers about jobs: accepted, as they stand, their results.

import { TenfoldError } from '../../core/errors.ts';
import type { JobRow } from '../../core/jobs/job-row.ts';
import { jobSignalOf } from '../../core/jobs/job-signals.ts';
import { type JobView, queuedJobView } from '../../core/jobs/job-view.ts';
import type { World } from '../../core/world.ts';
import type { Resource } from '../../resources/resource.ts';
import type { EventEndpoints } from '../endpoints/event-endpoints.ts';
import type { Call } from '../exchange/target.ts';
import type { Preferences } from '../http/preferences.ts';
import { answerCall } from '../upstream/answer-call.ts';
import { answerStream } from '../upstream/answer-stream.ts';
import type { JobEndpoint } from './job-links.ts';
import type { FoundJob, JobReader } from './job-reader.ts';
import { waitForJob } from './wait-for-job.ts';

export interface JobEndpointDeps {
  readonly world: World;
  readonly endpoints: EventEndpoints;
  readonly resource: Resource<'Queue'>;
  readonly reader: JobReader;
  readonly endpoint: JobEndpoint;
}

export interface Accepted {
  readonly id: string;
  /** Of the queue. */
  readonly name: string;
  readonly preferences: Preferences;
  /** When, milliseconds since 1970; undefined for a job that an earlier request has begun. */
  readonly acceptedAt: number | undefined;
}

/**
 * Answers 202 with the job's present state; or, when the client prefers to wait and the job ends in
 * time, with its result. A new job that nobody waits for is not
 * looked up: it is queued.
 */
export async function answerAccepted(
  site: JobEndpointDeps,
  call: Call,
  { id, name, preferences, acceptedAt }: Accepted,
): Promise<void> {
  const { world, endpoints, resource, reader, endpoint } = site;
  const location = `${endpoint.baseOf(call)}/${id}`;
  const extra = preferences.applied === '' ? [] : ['preference-applied', preferences.applied];
  const { waitMs } = preferences;
  let found: FoundJob | 'gone' | undefined;
  if (waitMs !== undefined || acceptedAt === undefined) {
    const signal = jobSignalOf(resource.metadata.namespace, name, id);
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
  if (found?.final && waitMs !== undefined) return answerResult(site, call, found, location, extra);
  const view = found?.view ?? queuedJobView(id, name, acceptedAt ?? world.now());
  answerJson(call, endpoint, 202, withLinks({ ...view, id }, location), ['location', location, ...extra]);
}

/** Answers with the job's present state. */
export function answerJob(site: JobEndpointDeps, call: Call, found: FoundJob, location: string, status = 200): void {
  answerJson(call, site.endpoint, status, withLinks(found.view, location), []);
}

/** Answers with the target's own answer; for a job that did not succeed, with the reason. */
export async function answerResult(
  { endpoint, endpoints }: JobEndpointDeps,
  call: Call,
  { view, row }: FoundJob,
  location: string,
  extra: readonly string[] = [],
): Promise<void> {
  if (view.state !== 'succeeded') throw notSucceeded(view, location);
  const result: Partial<NonNullable<JobRow['result']>> = row?.result ?? {};
  const { contentType, body, blob, status = 204 } = result;
  const fields = ['location', location, 'cache-control', 'no-store', ...extra];
  if (contentType !== undefined) fields.push('content-type', contentType);
  if (blob === undefined) {
    respond(call, endpoint, status, fields, Buffer.from(body ?? new Uint8Array(0)));
    return;
  }
  const open = await endpoints.blobs?.get(blob);
  if (open === undefined) throw new TenfoldError('gone', 'The result is not kept any more.');
  call.place = { origin: '', basePath: endpoint.mount };
  answerStream(call, status, [...fields, 'content-length', String(open.length)], open.body);
}

function notSucceeded({ state, error }: JobView, location: string): TenfoldError {
  const why = error === undefined ? '' : `: ${error.message}`;
  return new TenfoldError('job-failed', `The job is ${state}${why}`, { extensions: { state, location } });
}

/** Links stand in the document as well, for clients that keep it. */
export function withLinks(view: JobView, location: string): object {
  const { result } = view;
  return {
    ...view,
    location,
    ...(result === undefined ? {} : { result: { ...result, location: `${location}/result` } }),
  };
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
