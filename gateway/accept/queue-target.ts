// A Queue as a target: takes a request as a job, and answers 202 with its location once the
// job is durable in the log.
import { createHash, randomBytes } from 'node:crypto';
import type { CloudEvent } from '../../core/cloudevents/cloud-event.ts';
import type { EventValidator } from '../../core/cloudevents/event-validator.ts';
import { TenfoldError } from '../../core/errors.ts';
import {
  ACCEPTED_HEADER,
  CALLBACK_HEADER,
  formatJobId,
  JOB_HEADER,
  ONCE_HEADER,
  OWNER_HEADER,
} from '../../core/jobs/job-id.ts';
import { queueTopicOf } from '../../core/names.ts';
import type { TraceContext } from '../../core/trace-context.ts';
import { sendWithin } from '../../core/tracing/send-span.ts';
import type { World } from '../../core/world.ts';
import type { Resource } from '../../resources/resource.ts';
import type { EventEndpoints } from '../endpoints/event-endpoints.ts';
import type { IntakeShare } from '../exchange/intake.ts';
import { readCallBody } from '../exchange/read-call-body.ts';
import type { Call, Target } from '../exchange/target.ts';
import { readPreferences } from '../http/preferences.ts';
import { type Accepted, answerAccepted } from '../jobs/answer-job.ts';
import type { JobEndpoint } from '../jobs/job-links.ts';
import { createJobReader, type JobReader } from '../jobs/job-reader.ts';
import { createDelayNote, type DelayNote } from '../jobs/note-delay.ts';
import type { PlanContext } from '../plan/plan-context.ts';
import { refuseMethod } from '../upstream/refuse-method.ts';
import { recordHeaders, validatorOf } from './admission.ts';
import { readCallbackUrl } from './callback-address.ts';
import type { EnvelopeOf } from './envelope.ts';
import { beginIdempotent, readIdempotencyKey } from './idempotency.ts';
import { type Incoming, modeOf, readOne } from './incoming.ts';
import { createWaitingJobs, type WaitingJobs } from './waiting-jobs.ts';

export interface QueueTargetOptions {
  readonly endpoints: EventEndpoints;
  readonly resource: Resource<'Queue'>;
  readonly envelope: EnvelopeOf;
  readonly endpoint: JobEndpoint;
}

interface Entrance extends QueueTargetOptions {
  readonly world: World;
  readonly intake: IntakeShare;
  /** Names in the log. */
  readonly topic: string;
  readonly validator: EventValidator;
  readonly waiting: WaitingJobs;
  readonly reader: JobReader;
  readonly noteDelay: DelayNote | undefined;
}

/** Room for the envelope that a structured event has around its data. */
const STRUCTURED_EXTRA_BYTES = 65_536;

export function createQueueTarget(context: Pick<PlanContext, 'world' | 'state'>, options: QueueTargetOptions): Target {
  const { world, state } = context;
  const { endpoints, resource } = options;
  const { namespace, name } = resource.metadata;
  const topic = queueTopicOf(namespace, name);
  const entrance: Entrance = {
    ...options,
    world,
    intake: endpoints.intake.of(`queue ${namespace}/${name}`),
    topic,
    validator: validatorOf(resource.spec, state),
    waiting: state.keep(`waiting/${namespace}/${name}`, () => createWaitingJobs(world, endpoints, resource.metadata)),
    reader: createJobReader(endpoints, { namespace, name, resultTtlMs: resource.spec.result.ttl }),
    noteDelay: createDelayNote(world, endpoints.store, resource),
  };
  return {
    label: `queue ${name}`,
    send(call) {
      receive(entrance, call).catch(error => call.fail(error));
    },
  };
}

async function receive(entrance: Entrance, call: Call): Promise<void> {
  const { endpoints, resource, validator, waiting } = entrance;
  const { spec, metadata } = resource;
  if (call.method !== 'POST') return refuseMethod(call, ['POST']);
  if (modeOf(call.headers) === 'batch') {
    throw new TenfoldError('unsupported-media-type', 'A queue takes jobs one by one, not as a batch.');
  }
  const callback = readCallbackUrl(
    call.headers,
    { name: metadata.name, makesCallbacks: spec.callbacks !== undefined },
    endpoints.checkCallback,
  );
  const key = readIdempotencyKey(call.headers);
  const preferences = readPreferences(call.headers);
  if (spec.maxWaiting !== undefined) await waiting.admit(spec.maxWaiting);
  const most = Math.ceil((validator.maxSize * 4) / 3) + STRUCTURED_EXTRA_BYTES;
  const held = await readCallBody(call, most, entrance.intake);
  try {
    if (call.ended) return;
    const incoming = readOne(call.headers, held.bytes, () => entrance.envelope(call), entrance.world);
    const taken = await accept(entrance, call, incoming, { callback, key, bytes: held.bytes });
    if (taken.acceptedAt !== undefined) waiting.added();
    // A caller that waits for the result holds no bytes meanwhile.
    held.release();
    if (call.ended) return;
    await answerAccepted(entrance, call, { ...taken, name: metadata.name, preferences });
  } finally {
    held.release();
  }
}

interface Wishes {
  readonly callback: string | undefined;
  readonly key: string | undefined;
  readonly bytes: Buffer;
}

/** The job once it is durable. */
function accept(entrance: Entrance, call: Call, incoming: Incoming, wishes: Wishes) {
  const { id } = incoming.event;
  return sendWithin(call.trace, { topic: entrance.topic, id }, trace =>
    acceptWithin(entrance, call, trace, incoming, wishes),
  );
}

async function acceptWithin(
  entrance: Entrance,
  call: Call,
  trace: TraceContext,
  incoming: Incoming,
  wishes: Wishes,
): Promise<Pick<Accepted, 'id' | 'acceptedAt'>> {
  const { world, endpoints, resource, endpoint, validator } = entrance;
  const { namespace, name } = resource.metadata;
  const { callback, key } = wishes;
  const owner = endpoint.ownerOf(call);
  const headers = recordHeaders(call, trace);
  if (owner !== '') headers[OWNER_HEADER] = owner;
  if (callback !== undefined) headers[CALLBACK_HEADER] = callback;
  const acceptedAt = world.now();
  headers[JOB_HEADER] = randomBytes(8).toString('hex');
  headers[ACCEPTED_HEADER] = String(acceptedAt);
  // Whether the validator accepts it is known before the key is used up.
  const record = validator.admit(incoming.event, incoming.body, headers);
  const appendAs = async (nonce: string, made = record) => {
    return { id: await append(entrance, made, nonce, incoming, owner, acceptedAt), acceptedAt };
  };
  if (key === undefined) return appendAs(headers[JOB_HEADER]);
  const scope = `idempotency-keys/${namespace}/${name}/${endpoint.keysOf(call)}`;
  const windowMs = resource.spec.idempotencyWindow;
  const attempt = await beginIdempotent(
    {
      world,
      store: endpoints.store,
      scope,
      windowMs,
      incarnation: endpoints.incarnation,
      reminders: endpoints.reminders,
    },
    key,
    printOf(call, incoming.event, wishes),
  );
  if ('job' in attempt) return { id: attempt.job, acceptedAt: undefined };
  const { nonce } = attempt;
  const once = { ...record, headers: { ...record.headers, [JOB_HEADER]: nonce, [ONCE_HEADER]: String(windowMs) } };
  try {
    const taken = await appendAs(nonce, once);
    await attempt.accepted(taken.id);
    return taken;
  } catch (error) {
    await attempt.failed(error instanceof TenfoldError && error.code !== 'log-unavailable');
    throw error;
  }
}

async function append(
  { endpoints, topic, noteDelay }: Entrance,
  record: ReturnType<EventValidator['admit']>,
  nonce: string,
  { event }: Incoming,
  owner: string,
  acceptedAt: number,
): Promise<string> {
  const [at] = await endpoints.appender.append(topic, [record]);
  if (at === undefined) throw new TenfoldError('log-unavailable', 'The event log has not said where the job stands.');
  const id = { ...at, nonce };
  await noteDelay?.(id, event, owner, acceptedAt);
  return formatJobId(id);
}

const OF_ONE_SENDING: ReadonlySet<string> = new Set(['ce-id', 'ce-time', 'ce-traceparent', 'ce-tracestate']);

/**
 * Two requests are the same by their body and its treatment, not by the time, the id and the trace
 * with which they were sent.
 */
function printOf({ headers }: Call, event: CloudEvent, { callback, bytes }: Wishes): string {
  const hash = createHash('sha256').update(callback ?? '');
  for (let index = 0; index + 1 < headers.length; index += 2) {
    const name = headers[index] ?? '';
    const own = name.startsWith('ce-') && !OF_ONE_SENDING.has(name);
    if (own || name === 'content-type') hash.update(`\n${name}:${headers[index + 1]}`);
  }
  // A wrapped body has attributes of the route's making.
  return hash
    .update(`\n${event.subject ?? ''}\n`)
    .update(bytes)
    .digest('base64url');
}
