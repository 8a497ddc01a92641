// A Topic as a target: takes the events of a request, and answers once they are durable in the log.

import { contentModeOf } from '../../core/cloudevents/decode.ts';
import type { EventValidator } from '../../core/cloudevents/event-validator.ts';
import { TenfoldError } from '../../core/errors.ts';
import { topicOf } from '../../core/names.ts';
import { toProblem } from '../../core/problem.ts';
import { sendWithin, setPlace } from '../../core/tracing/send-span.ts';
import { POSITION_HEADER } from '../../core/wire.ts';
import type { World } from '../../core/world.ts';
import type { AppendedAt, NewRecord } from '../../drivers/event-log/event-log.ts';
import type { Resource } from '../../resources/resource.ts';
import type { EventEndpoints } from '../endpoints/event-endpoints.ts';
import type { IntakeShare } from '../exchange/intake.ts';
import { readCallBody } from '../exchange/read-call-body.ts';
import type { Call, Target } from '../exchange/target.ts';
import type { PlanContext } from '../plan/plan-context.ts';
import type { RateLimiter } from '../rate-limit/rate-limiter.ts';
import { answerCall } from '../upstream/answer-call.ts';
import { refuseMethod } from '../upstream/refuse-method.ts';
import { recordHeaders, sharedRateLimiter, takeRate, validatorOf } from './admission.ts';
import { type ClaimCheck, createClaimCheck } from './claim-check.ts';
import type { EnvelopeOf } from './envelope.ts';
import { type BatchEntry, modeOf, readBatch, readOne } from './incoming.ts';
import { createPublishOnce, type Published, type PublishOnce } from './publish-once.ts';
import { receiveLarge } from './receive-large.ts';

export interface TopicTargetOptions {
  readonly endpoints: EventEndpoints;
  readonly resource: Resource<'Topic'>;
  readonly envelope: EnvelopeOf;
}

interface TopicEndpoint {
  readonly world: World;
  /** Of the resource. */
  readonly name: string;
  readonly endpoints: EventEndpoints;
  readonly intake: IntakeShare;
  /** Name in the log. */
  readonly topic: string;
  readonly validator: EventValidator;
  readonly limiter: RateLimiter | undefined;
  readonly envelope: EnvelopeOf;
  /** Undefined: data beyond the size of an event is refused. */
  readonly claims: ClaimCheck | undefined;
  /** Undefined: an event is taken each time. */
  readonly once: PublishOnce | undefined;
}

/** Largest body of a batch, unless one event alone may be larger. */
const MAX_BATCH_BYTES = 16 * 1024 * 1024;
/** Room for the envelope of a structured event: attributes, and Base64 where the data is bytes. */
const STRUCTURED_EXTRA_BYTES = 65_536;

export function createTopicTarget(
  context: Pick<PlanContext, 'world' | 'state'>,
  { endpoints, resource, envelope }: TopicTargetOptions,
): Target {
  const { namespace, name } = resource.metadata;
  const { spec } = resource;
  const endpoint: TopicEndpoint = {
    world: context.world,
    name,
    endpoints,
    intake: endpoints.intake.of(`topic ${namespace}/${name}`),
    topic: spec.kafka?.topic ?? topicOf(namespace, name),
    validator: validatorOf(spec, context.state),
    limiter: sharedRateLimiter(`Topic/${namespace}/${name}`, spec.rate, context),
    envelope,
    claims: claimsOf(context.world, endpoints, resource),
    once:
      spec.deduplicate && counting(endpoints, resource, onceOf(context, endpoints, resource, spec.deduplicate.window)),
  };
  return {
    label: `topic ${name}`,
    send(call) {
      receive(endpoint, call).catch(error => call.fail(error));
    },
  };
}

/** It is kept as long as its window does not change, as it knows the appends in progress. */
function onceOf(
  { world, state }: Pick<PlanContext, 'world' | 'state'>,
  endpoints: EventEndpoints,
  { metadata, spec }: Resource<'Topic'>,
  windowMs: number,
): PublishOnce {
  const { namespace, name } = metadata;
  const topic = spec.kafka?.topic ?? topicOf(namespace, name);
  const { store, log, appender, incarnation, reminders } = endpoints;
  return state.keep(`deduplicate/${namespace}/${name}/${topic}/${windowMs}`, () =>
    createPublishOnce({ world, store, log, appender, incarnation, reminders, namespace, name, topic, windowMs }),
  );
}

function counting(
  { published }: EventEndpoints,
  { metadata: { namespace, name } }: Resource<'Topic'>,
  once: PublishOnce,
) {
  return {
    async publish(records: readonly NewRecord[]) {
      const all = await once.publish(records);
      for (const each of all) if ('at' in each && each.isRepeat) published.repeated(namespace, name);
      return all;
    },
  };
}

function claimsOf(
  world: World,
  { blobs }: EventEndpoints,
  { metadata, spec }: Resource<'Topic'>,
): ClaimCheck | undefined {
  if (blobs === undefined || spec.claimCheck === undefined) return undefined;
  const { namespace, name: topic } = metadata;
  const { max: maxBytes } = spec.claimCheck;
  return createClaimCheck({ world, blobs, namespace, topic, maxBytes, retentionMs: spec.retention });
}

async function receive(endpoint: TopicEndpoint, call: Call): Promise<void> {
  if (call.method !== 'POST') return refuseMethod(call, ['POST']);
  const batch = modeOf(call.headers) === 'batch';
  const { claims } = endpoint;
  if (claims && !batch) {
    let at: readonly AppendedAt[] = [];
    const keep = async (record: NewRecord) => {
      const published = await append(endpoint, call, record);
      at = [published.at];
      return !published.isRepeat;
    };
    const sending = { topic: endpoint.topic };
    await sendWithin(call.trace, sending, trace => receiveLarge({ ...endpoint, trace, claims, append: keep }, call));
    return answerCall(call, 204, positionFields(endpoint, at), EMPTY);
  }
  const { maxSize } = endpoint.validator;
  const most = batch ? Math.max(MAX_BATCH_BYTES, maxSize) : Math.ceil((maxSize * 4) / 3) + STRUCTURED_EXTRA_BYTES;
  const held = await readCallBody(call, most, endpoint.intake);
  try {
    if (call.ended) return;
    await (batch ? acceptBatch(endpoint, call, held.bytes) : acceptOne(endpoint, call, held.bytes));
  } finally {
    held.release();
  }
}

async function acceptOne(endpoint: TopicEndpoint, call: Call, body: Buffer): Promise<void> {
  const incoming = readOne(call.headers, body, () => endpoint.envelope(call), endpoint.world);
  const { id } = incoming.event;
  const { at } = await sendWithin(call.trace, { topic: endpoint.topic, id }, async (trace, span) => {
    const record = endpoint.validator.admit(incoming.event, incoming.body, recordHeaders(call, trace));
    const published = await append(endpoint, call, record);
    setPlace(span, published.at);
    return published;
  });
  answerCall(call, 204, positionFields(endpoint, [at]), EMPTY);
}

async function append(endpoint: TopicEndpoint, call: Call, record: NewRecord) {
  if (endpoint.limiter) await takeRate(endpoint.limiter);
  // The id of a plain body was made here: nobody can publish it again.
  if (endpoint.once === undefined || contentModeOf(call.headers) === undefined) {
    const [at] = await endpoint.endpoints.appender.append(endpoint.topic, [record]);
    if (at) return { at, isRepeat: false };
    throw new TenfoldError('log-unavailable', 'The event log has not said where the event stands.');
  }
  const [published] = await endpoint.once.publish([record]);
  if (published && 'at' in published) return published;
  throw published?.error ?? new TenfoldError('internal', 'Nothing was said of the event.');
}

/** The last position of each partition: a reader that waits for it waits for all before it. */
function positionFields({ name }: TopicEndpoint, appended: readonly AppendedAt[]): string[] {
  const last = new Map(appended.map(({ partition, offset }) => [partition, offset]));
  if (last.size === 0) return [];
  return [POSITION_HEADER, [...last].map(([partition, offset]) => `${name}@${partition}:${offset}`).join(',')];
}

/** The outcome of one event of a batch; the same on the wire as a function's answer to a batch. */
interface BatchResult {
  readonly id: string;
  readonly status: number;
  readonly retryAfterSeconds?: number;
  readonly error?: Readonly<Record<string, unknown>>;
}

async function acceptBatch(endpoint: TopicEndpoint, call: Call, body: Buffer): Promise<void> {
  const entries = [...readBatch(call.headers, body)];
  const sending = { topic: endpoint.topic, count: entries.length };
  await sendWithin(call.trace, sending, trace => acceptEntries(endpoint, call, entries, recordHeaders(call, trace)));
}

async function acceptEntries(
  endpoint: TopicEndpoint,
  call: Call,
  entries: readonly BatchEntry[],
  headers: Readonly<Record<string, string>>,
): Promise<void> {
  const records: NewRecord[] = [];
  const results: BatchResult[] = [];
  let failure: unknown;
  for (const entry of entries) {
    try {
      records.push(await admit(endpoint, entry, headers));
      results.push({ id: idOf(entry), status: 204 });
    } catch (error) {
      failure ??= error;
      results.push(refused(idOf(entry), error));
    }
  }
  // Either all that were accepted are durable or nothing is said of any.
  const appended = records.length > 0 ? await appendAll(endpoint, records, results) : [];
  failure ??= appended.find(each => 'error' in each)?.error;
  const position = positionFields(
    endpoint,
    appended.flatMap(each => ('at' in each ? each.at : [])),
  );
  if (failure === undefined) return answerCall(call, 204, position, EMPTY);
  if (!results.some(({ status }) => status === 204)) throw allRefused(failure, results);
  answerCall(call, 207, ['content-type', 'application/json', ...position], Buffer.from(JSON.stringify({ results })));
}

/** Events that are refused later say so in `results`. */
async function appendAll(
  { endpoints, once, topic }: TopicEndpoint,
  records: readonly NewRecord[],
  results: BatchResult[],
): Promise<readonly Published[]> {
  if (once === undefined) {
    const appended = await endpoints.appender.append(topic, records);
    return appended.map(at => ({ at, isRepeat: false }));
  }
  const published = await once.publish(records);
  const taken = results.flatMap(({ status }, index) => (status === 204 ? index : []));
  for (const [place, each] of published.entries()) {
    const index = taken[place] ?? -1;
    const result = results[index];
    if ('error' in each && result) results[index] = refused(result.id, each.error);
  }
  return published;
}

async function admit(
  endpoint: TopicEndpoint,
  entry: BatchEntry,
  headers: Readonly<Record<string, string>>,
): Promise<NewRecord> {
  if ('error' in entry) throw entry.error;
  const record = endpoint.validator.admit(entry.event, entry.body, headers);
  if (endpoint.limiter) await takeRate(endpoint.limiter);
  return record;
}

function refused(id: string, error: unknown): BatchResult {
  const problem = toProblem(error);
  const seconds = error instanceof TenfoldError ? error.retryAfterSeconds : undefined;
  return {
    id,
    status: problem.status,
    ...(seconds === undefined ? {} : { retryAfterSeconds: seconds }),
    error: problem,
  };
}

/**
 * When nothing was accepted, the answer has the status of the first refusal, so that it counts as
 * one.
 */
function allRefused(first: unknown, results: readonly BatchResult[]): unknown {
  if (!(first instanceof TenfoldError) || results.length === 1) return first;
  return new TenfoldError(first.code, `No event of the batch was accepted. The first: ${first.message}`, {
    extensions: { results },
    ...(first.retryAfterSeconds === undefined ? {} : { retryAfterSeconds: first.retryAfterSeconds }),
  });
}

function idOf(entry: BatchEntry): string {
  return 'event' in entry ? entry.event.id : entry.id;
}

const EMPTY = Buffer.alloc(0);
