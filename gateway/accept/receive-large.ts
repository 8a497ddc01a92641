// Takes one event of a Topic with a claim check: small ones as ever; the data of large ones streams
// into the blob store, unread.
import type { Readable } from 'node:stream';
import { contentModeOf } from '../../core/cloudevents/decode.ts';
import { encodeData } from '../../core/cloudevents/encode.ts';
import type { EventValidator } from '../../core/cloudevents/event-validator.ts';
import { TenfoldError } from '../../core/errors.ts';
import type { TraceContext } from '../../core/trace-context.ts';
import type { World } from '../../core/world.ts';
import type { NewRecord } from '../../drivers/event-log/event-log.ts';
import type { IntakeShare } from '../exchange/intake.ts';
import { lengthOf, readCallBody } from '../exchange/read-call-body.ts';
import type { Call } from '../exchange/target.ts';
import { recordHeaders } from './admission.ts';
import type { Claim, ClaimCheck } from './claim-check.ts';
import type { EnvelopeOf } from './envelope.ts';
import { type Incoming, readOne } from './incoming.ts';

export interface LargeEventEndpoint {
  readonly world: World;
  readonly validator: EventValidator;
  readonly claims: ClaimCheck;
  readonly intake: IntakeShare;
  readonly envelope: EnvelopeOf;
  /** The span of the append. */
  readonly trace: TraceContext;
  /** Durable when it resolves; false: it was there before. */
  append(record: NewRecord): Promise<boolean>;
}

/**
 * Data that has to be looked at is held in memory, and parsed in one go: so
 * much of it holds nobody up.
 */
const MAX_LOOKED_AT_BYTES = 8 * 1024 * 1024;
/** Attributes and Base64 around the data of a structured event. */
const STRUCTURED_EXTRA_BYTES = 65_536;

/** Resolves when the event is durable. */
export async function receiveLarge(endpoint: LargeEventEndpoint, call: Call): Promise<void> {
  const { validator, claims, intake } = endpoint;
  const structured = contentModeOf(call.headers) === 'structured';
  const { body } = call;
  if (!structured && !validator.readsData && body !== null && typeof body !== 'string' && !Buffer.isBuffer(body)) {
    return receiveStream(endpoint, call, body);
  }
  const most = Math.min(claims.maxBytes, MAX_LOOKED_AT_BYTES);
  const held = await readCallBody(call, structured ? Math.ceil((most * 4) / 3) + STRUCTURED_EXTRA_BYTES : most, intake);
  try {
    if (!call.ended) await acceptWhole(endpoint, call, held.bytes);
  } finally {
    held.release();
  }
}

async function receiveStream(endpoint: LargeEventEndpoint, call: Call, stream: Readable): Promise<void> {
  const { claims, validator, intake } = endpoint;
  const announced = lengthOf(call) ?? 0;
  if (announced > claims.maxBytes) {
    throw new TenfoldError('body-too-large', `The body may have at most ${claims.maxBytes} bytes here.`);
  }
  let held = 0;
  const take = (bytes: number) => {
    intake.take(bytes);
    held += bytes;
  };
  try {
    const { bytes, rest } = await readBeginning(stream, validator.maxSize, take);
    if (rest === undefined) return await acceptWhole(endpoint, call, bytes);
    // Its attributes are all that is looked at.
    const incoming = readOne(call.headers, EMPTY, () => endpoint.envelope(call), endpoint.world);
    await acceptClaimed(endpoint, call, incoming, joined(bytes, rest));
  } catch (error) {
    stream.destroy();
    throw error;
  } finally {
    intake.give(held);
  }
}

async function acceptWhole(endpoint: LargeEventEndpoint, call: Call, bytes: Buffer): Promise<void> {
  const incoming = readOne(call.headers, bytes, () => endpoint.envelope(call), endpoint.world);
  const { event, body } = incoming;
  let record: NewRecord;
  try {
    record = endpoint.validator.admit(event, body, recordHeaders(call, endpoint.trace));
  } catch (error) {
    if (!(error instanceof TenfoldError) || error.code !== 'body-too-large' || event.data === undefined) throw error;
    return acceptClaimed(endpoint, call, incoming, body ?? Buffer.from(encodeData(event.data, event.datacontenttype)));
  }
  await endpoint.append(record);
}

/** The data first: an event whose data is nowhere must not be there. */
async function acceptClaimed(
  { validator, claims, trace, append }: LargeEventEndpoint,
  call: Call,
  { event, body }: Incoming,
  data: AsyncIterable<Uint8Array> | Uint8Array,
): Promise<void> {
  // Faults of the event other than its data are found before the data is stored.
  validator.admitReference(event, UNKNOWN_PLACE, recordHeaders(call, trace), body);
  const claim: Claim = await claims.keep(data, event.datacontenttype, call.signal);
  try {
    const isNew = await append(validator.admitReference(event, claim.dataref, recordHeaders(call, trace), body));
    if (!isNew) claim.discard();
  } catch (error) {
    // Otherwise the event may be in the log in spite of the refusal.
    if (error instanceof TenfoldError && error.code !== 'log-unavailable') claim.discard();
    throw error;
  }
}

const EMPTY = Buffer.alloc(0);
/** A placeholder that is as long as a real reference. */
const UNKNOWN_PLACE = `/topics/${'x'.repeat(253)}/data/${'x'.repeat(46)}`;

/**
 * Reads until there are more than `most` bytes. `rest`: the bytes behind them, where there are
 * more.
 */
async function readBeginning(stream: Readable, most: number, take: (bytes: number) => void) {
  const iterator: AsyncIterator<Buffer> = stream[Symbol.asyncIterator]();
  const chunks: Buffer[] = [];
  let size = 0;
  for (;;) {
    const next = await iterator.next();
    if (next.done) return { bytes: Buffer.concat(chunks, size), rest: undefined };
    take(next.value.length);
    chunks.push(next.value);
    size += next.value.length;
    if (size > most) return { bytes: Buffer.concat(chunks, size), rest: { [Symbol.asyncIterator]: () => iterator } };
  }
}

async function* joined(beginning: Buffer, rest: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  yield beginning;
  yield* rest;
}
