// The jobs of queues as a target: their state, their result, their end by order of a client.

import { TenfoldError } from '../../core/errors.ts';
import { formatJobId } from '../../core/jobs/job-id.ts';
import { jobKeysOf, jobScopeOf } from '../../core/jobs/job-row.ts';
import { jobSignalOf } from '../../core/jobs/job-signals.ts';
import { queueGroupOf } from '../../core/names.ts';
import type { World } from '../../core/world.ts';
import type { Resource } from '../../resources/resource.ts';
import type { EventEndpoints } from '../endpoints/event-endpoints.ts';
import type { Call, Target } from '../exchange/target.ts';
import { fieldOf } from '../http/fields.ts';
import { readPreferences, readWait } from '../http/preferences.ts';
import { refuseMethod } from '../upstream/refuse-method.ts';
import { answerJob, answerResult, type JobEndpointDeps, withLinks } from './answer-job.ts';
import type { JobEndpoint } from './job-links.ts';
import { createJobReader, type FoundJob } from './job-reader.ts';
import { streamJob } from './stream-job.ts';
import { waitForJob } from './wait-for-job.ts';

export interface JobTargetOptions {
  readonly world: World;
  readonly endpoints: EventEndpoints;
  /** A route may split its jobs over several. */
  readonly queues: readonly Resource<'Queue'>[];
  readonly endpoint: JobEndpoint;
}

/** A job in the path: `…/{job}` or `…/{job}/result`. */
const PATH = /\/([0-9a-f-]{1,60})(\/result)?\/?$/;
/** The wish to cancel is remembered for so long; then the job has ended, or waits for a person. */
const CANCEL_TTL_MS = 30 * 86_400_000;
/** How long a cancelled job is given to end before the answer is that it will. */
const CANCEL_WAIT_MS = 1_000;

export function createJobTarget({ world, endpoints, queues, endpoint }: JobTargetOptions): Target {
  const sites = queues.map((resource): JobEndpointDeps => {
    const { namespace, name } = resource.metadata;
    const reader = createJobReader(endpoints, { namespace, name, resultTtlMs: resource.spec.result.ttl });
    return { world, endpoints, resource, reader, endpoint };
  });
  return {
    label: `jobs of ${queues.map(({ metadata }) => `queue ${metadata.name}`).join(' or ')}`,
    send(call) {
      receive(sites, endpoint, call).catch(error => call.fail(error));
    },
  };
}

async function receive(sites: readonly JobEndpointDeps[], endpoint: JobEndpoint, call: Call): Promise<void> {
  const mark = call.path.indexOf('?');
  const path = mark === -1 ? call.path : call.path.slice(0, mark);
  const [, id, result] = PATH.exec(path) ?? [];
  if (id === undefined) throw new TenfoldError('not-found', 'There is no job with this id.');
  const allowed = result === undefined ? ['GET', 'HEAD', 'DELETE'] : ['GET', 'HEAD'];
  if (!allowed.includes(call.method)) return refuseMethod(call, allowed);
  const { site, found } = await find(sites, id, endpoint.ownerOf(call));
  const { namespace, name } = site.resource.metadata;
  const location = locationOf(site, call, found, result !== undefined);
  if (result !== undefined) {
    if (!found.final) throw new TenfoldError('conflict', `The job is ${found.view.state}: it has no result yet.`);
    return answerResult(site, call, found, location);
  }
  if (call.method === 'DELETE') return cancel(site, call, found, location);
  const signal = jobSignalOf(namespace, name, formatJobId(found.id));
  if (fieldOf(call.headers, 'accept')?.includes('text/event-stream'))
    return streamJob({ ...site, call, found, signal, documentOf: ({ view }) => withLinks(view, location) });
  const waitMs = readWait(mark === -1 ? '' : call.path.slice(mark)) ?? readPreferences(call.headers).waitMs;
  if (waitMs === undefined || found.final) return answerJob(site, call, found, location);
  const { world, endpoints, reader } = site;
  const later = await waitForJob({ world, endpoints, reader, call, name: signal, id, waitMs });
  answerJob(site, call, later === undefined || later === 'gone' ? found : later, location);
}

/** A job of another owner counts as missing. */
async function find(
  sites: readonly JobEndpointDeps[],
  id: string,
  owner: string,
): Promise<{ site: JobEndpointDeps; found: FoundJob }> {
  let gone = false;
  for (const site of sites) {
    const found = await site.reader.find(id);
    if (found === 'gone') gone = true;
    else if (found !== undefined && (owner === '' || found.owner === owner)) return { site, found };
  }
  if (gone) throw new TenfoldError('gone', 'The job has ended, and how is not remembered any more.');
  throw new TenfoldError('not-found', 'There is no job with this id.');
}

async function cancel(site: JobEndpointDeps, call: Call, found: FoundJob, location: string): Promise<void> {
  if (found.view.state === 'cancelled') return answerJob(site, call, found, location);
  if (found.final) throw new TenfoldError('conflict', `The job is ${found.view.state} already.`);
  const { world, endpoints, reader, resource } = site;
  const { namespace, name } = resource.metadata;
  const { partition, offset } = found.id;
  const id = formatJobId(found.id);
  const signal = jobSignalOf(namespace, name, id);
  // The mark reaches a job that runs, the command one that waits; each does no harm to the other.
  const scope = jobScopeOf(namespace, name, partition);
  await endpoints.store.put(scope, jobKeysOf(found.id).cancel, '1', { ttlMs: CANCEL_TTL_MS });
  await endpoints.cancelJob(queueGroupOf(namespace, name), partition, offset);
  endpoints.signals.cancelled.tell(signal);
  const later = await waitForJob({ world, endpoints, reader, call, name: signal, id, waitMs: CANCEL_WAIT_MS });
  const current = later === undefined || later === 'gone' ? found : later;
  answerJob(site, call, current, location, current.final ? 200 : 202);
}

function locationOf({ endpoint }: JobEndpointDeps, call: Call, { view }: FoundJob, below: boolean): string {
  const base = endpoint.baseOf(call);
  if (base === endpoint.mount) return `${base}/${view.id}`;
  // On a route the path that was asked for is the job's own.
  return below ? base.slice(0, -'/result'.length) : base;
}
