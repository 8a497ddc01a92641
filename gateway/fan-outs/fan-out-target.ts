// A FanOut as a target: takes a request as a job, and answers 202 with its location once the
// job is durable in the log.
import { createHash, randomBytes } from 'node:crypto';
import type { EventValidator } from '../../core/cloudevents/event-validator.ts';
import { TenfoldError } from '../../core/errors.ts';
import { toFactRecord } from '../../core/fan-outs/facts.ts';
import { FAN_OUT_PARTITIONS, fanOutLayoutOf } from '../../core/fan-outs/layout.ts';
import { ACCEPTED_HEADER, formatJobId } from '../../core/jobs/job-id.ts';
import type { TraceContext } from '../../core/trace-context.ts';
import { sendWithin } from '../../core/tracing/send-span.ts';
import type { World } from '../../core/world.ts';
import { partitionOf } from '../../drivers/event-log/partitioner.ts';
import type { Resource } from '../../resources/resource.ts';
import { recordHeaders, validatorOf } from '../accept/admission.ts';
import type { EnvelopeOf } from '../accept/envelope.ts';
import { beginIdempotent, readIdempotencyKey } from '../accept/idempotency.ts';
import { type Incoming, modeOf, readOne } from '../accept/incoming.ts';
import type { EventEndpoints } from '../endpoints/event-endpoints.ts';
import type { IntakeShare } from '../exchange/intake.ts';
import { readCallBody } from '../exchange/read-call-body.ts';
import type { Call, Target } from '../exchange/target.ts';
import { fieldOf } from '../http/fields.ts';
import { readPreferences } from '../http/preferences.ts';
import type { JobEndpoint } from '../jobs/job-links.ts';
import type { PlanContext } from '../plan/plan-context.ts';
import { refuseMethod } from '../upstream/refuse-method.ts';
import { answerFanOutAccepted, type FanOutEndpointDeps, type TakenFanOut } from './answer-fan-out.ts';
import { createFanOutReader } from './fan-out-reader.ts';
import { receiveUpload } from './receive-upload.ts';

export interface FanOutTargetOptions {
  readonly endpoints: EventEndpoints;
  readonly resource: Resource<'FanOut'>;
  readonly envelope: EnvelopeOf;
  readonly endpoint: JobEndpoint;
}

interface Entrance extends FanOutEndpointDeps {
  readonly envelope: EnvelopeOf;
  readonly intake: IntakeShare;
  readonly validator: EventValidator;
}

/**
 * Default for a FanOut without HTTP settings: a job that a topic or an upload begins can be begun
 * by hand as well.
 */
const DEFAULT_MAX_BODY = 1024 * 1024;
/** Room for the envelope that a structured event has around its data. */
const STRUCTURED_EXTRA_BYTES = 65_536;
const IDEMPOTENCY_MS = 86_400_000;

export function createFanOutTarget(
  context: Pick<PlanContext, 'world' | 'state'>,
  options: FanOutTargetOptions,
): Target {
  const { world, state } = context;
  const { namespace, name } = options.resource.metadata;
  const site = siteOf(world, options);
  if (site === undefined) throw new Error(`FanOut ${name} has no store to be read from.`);
  const { http } = options.resource.spec.on;
  const entrance: Entrance = {
    ...site,
    envelope: options.envelope,
    intake: options.endpoints.intake.of(`fan-out ${namespace}/${name}`),
    validator: validatorOf({ schema: http?.schema, maxSize: http?.maxBody ?? DEFAULT_MAX_BODY }, state),
  };
  return {
    label: `fan-out ${name}`,
    send(call) {
      receive(entrance, call).catch(error => call.fail(error));
    },
  };
}

/** Undefined where there is nothing to read jobs from. */
export function siteOf(
  world: World,
  { endpoints, resource, endpoint }: Omit<FanOutTargetOptions, 'envelope'>,
): FanOutEndpointDeps | undefined {
  const { namespace, name } = resource.metadata;
  const { fanOuts: store, log } = endpoints;
  if (store === undefined) return undefined;
  const layout = fanOutLayoutOf(namespace, name);
  return {
    world,
    endpoints,
    store,
    resource,
    layout,
    reader: createFanOutReader({ log, store }, name, layout),
    endpoint,
  };
}

async function receive(entrance: Entrance, call: Call): Promise<void> {
  const { validator, resource } = entrance;
  const { upload } = resource.spec.on;
  if (upload) return receiveUpload(entrance, upload, call);
  if (call.method !== 'POST') return refuseMethod(call, ['POST']);
  if (modeOf(call.headers) === 'batch') {
    throw new TenfoldError('unsupported-media-type', 'A fan-out takes jobs one by one, not as a batch.');
  }
  if (fieldOf(call.headers, 'x-callback-url') !== undefined) {
    const message = `FanOut "${resource.metadata.name}" makes no callbacks; "complete.topic" says when a job has ended.`;
    throw new TenfoldError('bad-request', message);
  }
  const key = readIdempotencyKey(call.headers);
  const preferences = readPreferences(call.headers);
  const most = Math.ceil((validator.maxSize * 4) / 3) + STRUCTURED_EXTRA_BYTES;
  const held = await readCallBody(call, most, entrance.intake);
  try {
    if (call.ended) return;
    const incoming = readOne(call.headers, held.bytes, () => entrance.envelope(call), entrance.world);
    const taken = await accept(entrance, call, incoming, key, held.bytes);
    held.release();
    if (call.ended) return;
    await answerFanOutAccepted(entrance, call, taken, preferences);
  } finally {
    held.release();
  }
}

/** The job once it is durable. */
function accept(entrance: Entrance, call: Call, incoming: Incoming, key: string | undefined, bytes: Buffer) {
  const sending = { topic: entrance.layout.facts, id: incoming.event.id };
  return sendWithin(call.trace, sending, trace => acceptWithin(entrance, call, trace, incoming, key, bytes));
}

async function acceptWithin(
  entrance: Entrance,
  call: Call,
  trace: TraceContext,
  { event, body }: Incoming,
  key: string | undefined,
  bytes: Buffer,
): Promise<TakenFanOut> {
  const { world, endpoints, resource, endpoint, validator, layout } = entrance;
  const { namespace, name } = resource.metadata;
  const owner = endpoint.ownerOf(call);
  // Whether the validator accepts it is known before the key is used up.
  const acceptedAt = world.now();
  const record = validator.admit(event, body, { ...recordHeaders(call, trace), [ACCEPTED_HEADER]: String(acceptedAt) });
  const append = async (nonce: string) => {
    const partition = partitionOf(nonce, FAN_OUT_PARTITIONS);
    const fact = toFactRecord(nonce, partition, { kind: 'start', owner }, record.value, record.headers);
    const [at] = await endpoints.appender.append(layout.facts, [fact]);
    if (at === undefined) throw new TenfoldError('log-unavailable', 'The event log has not said where the job stands.');
    return { id: formatJobId({ ...at, nonce }), acceptedAt };
  };
  if (key === undefined) return append(randomBytes(8).toString('hex'));
  const scope = `idempotency-keys/fan-outs/${namespace}/${name}/${endpoint.keysOf(call)}`;
  const print = createHash('sha256')
    .update(`${fieldOf(call.headers, 'content-type') ?? ''}\n${event.subject ?? ''}\n`)
    .update(bytes)
    .digest('base64url');
  const site = {
    world,
    store: endpoints.store,
    scope,
    windowMs: IDEMPOTENCY_MS,
    incarnation: endpoints.incarnation,
    reminders: endpoints.reminders,
  };
  const attempt = await beginIdempotent(site, key, print);
  if ('job' in attempt) return { id: attempt.job, acceptedAt: undefined };
  try {
    const taken = await append(attempt.nonce);
    await attempt.accepted(taken.id);
    return taken;
  } catch (error) {
    await attempt.failed(error instanceof TenfoldError && error.code !== 'log-unavailable');
    throw error;
  }
}
