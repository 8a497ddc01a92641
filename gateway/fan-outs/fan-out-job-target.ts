// The jobs of a FanOut as a target: their progress, their results, their end by order of a client,
// and what failed once more.
import { TenfoldError } from '../../core/errors.ts';
import { type Fact, toFactRecord } from '../../core/fan-outs/facts.ts';
import { fanOutSignalOf } from '../../core/fan-outs/job-signal.ts';
import { sleep, type World } from '../../core/world.ts';
import type { Resource } from '../../resources/resource.ts';
import type { EventEndpoints } from '../endpoints/event-endpoints.ts';
import type { Call, Target } from '../exchange/target.ts';
import { fieldOf } from '../http/fields.ts';
import { readPreferences, readWait } from '../http/preferences.ts';
import type { JobEndpoint } from '../jobs/job-links.ts';
import { streamJob } from '../jobs/stream-job.ts';
import { waitForJob } from '../jobs/wait-for-job.ts';
import { refuseMethod } from '../upstream/refuse-method.ts';
import {
  answerFailed,
  answerFanOut,
  answerFanOutResult,
  answerItem,
  answerResults,
  type FanOutEndpointDeps,
  type PageQuery,
  textOf,
  withFanOutLinks,
} from './answer-fan-out.ts';
import type { FoundFanOut } from './fan-out-reader.ts';
import { siteOf } from './fan-out-target.ts';

export interface FanOutJobTargetOptions {
  readonly world: World;
  readonly endpoints: EventEndpoints;
  /** A route may split its jobs over several. */
  readonly fanOuts: readonly Resource<'FanOut'>[];
  readonly endpoint: JobEndpoint;
}

/** A job in the path, and the part of it: `…/{job}`, `…/{job}/results/17`, … */
const PATH = /\/([0-9a-f-]{1,60})(?:\/(result|results|failed|redrive)(?:\/([0-9]{1,8}))?)?\/?$/;
/** How long a job is given to take up a wish before the answer is that it will. */
const WISH_WAIT_MS = 1_000;
const LOOK_MS = 20;
const DEFAULT_LIMIT = 100;
const MOST = 1_000;

export function createFanOutJobTarget({ world, endpoints, fanOuts, endpoint }: FanOutJobTargetOptions): Target {
  const sites = fanOuts.flatMap(resource => siteOf(world, { endpoints, resource, endpoint }) ?? []);
  return {
    label: `jobs of ${fanOuts.map(({ metadata }) => `fan-out ${metadata.name}`).join(' or ')}`,
    send(call) {
      receive(sites, endpoint, call).catch(error => call.fail(error));
    },
  };
}

async function receive(sites: readonly FanOutEndpointDeps[], endpoint: JobEndpoint, call: Call): Promise<void> {
  const mark = call.path.indexOf('?');
  const path = mark === -1 ? call.path : call.path.slice(0, mark);
  const query = mark === -1 ? '' : call.path.slice(mark);
  const [, id, part, index] = PATH.exec(path) ?? [];
  if (id === undefined || (index !== undefined && part !== 'results')) throw noJob();
  const allowed = methodsOf(part);
  if (!allowed.includes(call.method)) return refuseMethod(call, allowed);
  const { site, found } = await find(sites, id, endpoint.ownerOf(call));
  const location = locationOf(site, call, found, path, id);
  switch (part) {
    case 'result':
      if (!found.final) throw new TenfoldError('conflict', `The job is ${found.view.state}: it has no result yet.`);
      return answerFanOutResult(site, call, found, location);
    case 'results':
      if (index !== undefined) return answerItem(site, call, found, Number(index));
      return answerResults(site, call, found, readPage(query));
    case 'failed':
      return answerFailed(site, call, found, readPage(query));
    case 'redrive':
      return redrive(site, call, found, location);
    default:
      return call.method === 'DELETE' ? cancel(site, call, found, location) : show(site, call, found, location, query);
  }
}

async function show(site: FanOutEndpointDeps, call: Call, found: FoundFanOut, location: string, query: string) {
  const { world, endpoints, reader } = site;
  const signal = signalOf(site, found);
  if (fieldOf(call.headers, 'accept')?.includes('text/event-stream')) {
    const documentOf = ({ view }: FoundFanOut) => withFanOutLinks(view, location);
    return streamJob({ world, endpoints, reader, call, found, signal, documentOf });
  }
  const waitMs = readWait(query) ?? readPreferences(call.headers).waitMs;
  if (waitMs === undefined || found.final) return answerFanOut(site, call, found, location);
  const later = await waitForJob({ world, endpoints, reader, call, name: signal, id: textOf(found), waitMs });
  answerFanOut(site, call, later === undefined || later === 'gone' ? found : later, location);
}

async function cancel(site: FanOutEndpointDeps, call: Call, found: FoundFanOut, location: string): Promise<void> {
  if (found.view.state === 'cancelled') return answerFanOut(site, call, found, location);
  if (found.final) throw new TenfoldError('conflict', `The job is ${found.view.state} already.`);
  await tell(site, found, { kind: 'cancel' });
  const { world, endpoints, reader } = site;
  const name = signalOf(site, found);
  const later = await waitForJob({ world, endpoints, reader, call, name, id: textOf(found), waitMs: WISH_WAIT_MS });
  const current = later === undefined || later === 'gone' ? found : later;
  answerFanOut(site, call, current, location, current.final ? 200 : 202);
}

/** Only items that failed are tried again. */
async function redrive(site: FanOutEndpointDeps, call: Call, found: FoundFanOut, location: string): Promise<void> {
  const { state } = found.view;
  if (state !== 'failed' && state !== 'expired') {
    throw new TenfoldError('conflict', `The job is ${state}; what failed or expired can be redriven.`);
  }
  await tell(site, found, { kind: 'redrive' });
  const { world, reader } = site;
  const until = world.monotonic() + WISH_WAIT_MS;
  for (;;) {
    const now = await reader.find(textOf(found));
    const taken = now !== undefined && now !== 'gone' && now.view.redriven > found.view.redriven;
    if (call.ended) return;
    if (taken || world.monotonic() >= until) return answerFanOut(site, call, taken ? now : found, location, 202);
    await sleep(world, LOOK_MS);
  }
}

async function tell({ endpoints, layout }: FanOutEndpointDeps, { id }: FoundFanOut, fact: Fact): Promise<void> {
  await endpoints.appender.append(layout.facts, [toFactRecord(id.nonce, id.partition, fact)]);
}

/** A job of another owner counts as missing. */
async function find(sites: readonly FanOutEndpointDeps[], id: string, owner: string) {
  let gone = false;
  for (const site of sites) {
    const found = await site.reader.find(id);
    if (found === 'gone') gone = true;
    else if (found !== undefined && (owner === '' || found.owner === owner)) return { site, found };
  }
  if (gone) throw new TenfoldError('gone', 'The job has ended, and how is not remembered any more.');
  throw noJob();
}

function noJob(): TenfoldError {
  return new TenfoldError('not-found', 'There is no job with this id.');
}

function signalOf({ resource }: FanOutEndpointDeps, found: FoundFanOut): string {
  const { namespace, name } = resource.metadata;
  return fanOutSignalOf(namespace, name, textOf(found));
}

function locationOf(
  { endpoint }: FanOutEndpointDeps,
  call: Call,
  { view }: FoundFanOut,
  path: string,
  id: string,
): string {
  const base = endpoint.baseOf(call);
  if (base === endpoint.mount) return `${base}/${view.id}`;
  // On a route the path that was asked for begins with the job's own.
  const below = path.length - path.lastIndexOf(`/${id}`) - id.length - 1;
  return below > 0 ? base.slice(0, base.length - below) : base;
}

function methodsOf(part: string | undefined): string[] {
  if (part === 'redrive') return ['POST'];
  return part === undefined ? ['GET', 'HEAD', 'DELETE'] : ['GET', 'HEAD'];
}

function readPage(query: string): PageQuery {
  const params = new URLSearchParams(query);
  const whole = (name: string, least: number, most: number, otherwise: number | undefined) => {
    const text = params.get(name);
    if (text === null) return otherwise;
    const value = /^[0-9]{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return value;
    throw new TenfoldError('bad-request', `"${name}" is a whole number from ${least} to ${most}.`);
  };
  return {
    after: whole('after', 0, 99_999_999, undefined),
    limit: whole('limit', 1, MOST, undefined) ?? DEFAULT_LIMIT,
  };
}
