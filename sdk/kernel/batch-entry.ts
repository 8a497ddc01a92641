// Turns what one event of a batch came to into its entry of the answer. An
// entry never harms the others.
import { retryAfterSeconds } from '../../core/retry/retry-after.ts';
import type { BatchResult } from '../batch.ts';
import type { CloudEvent } from '../cloud-event.ts';
import type { Settled } from './run-batch.ts';
import { outcomeOf } from './run-event.ts';
import { isStream, toAnswer } from './to-answer.ts';
import { toProblem } from './to-problem.ts';

interface EntryContext {
  readonly functionName: string;
  readonly trace: { readonly traceId: string };
}

export interface BatchEntry {
  /** 204: nothing but that it is done. */
  readonly status: number;
  /** A `BatchResult`, as JSON. */
  readonly text: string;
  /** The error behind it. */
  readonly thrown?: { readonly error: unknown /** It belongs in the log. */; readonly unexpected: boolean };
}

const DONE = 204;
const DONE_WITH_DATA = 200;
const JSON_TYPE = /^application\/(?:[^;]*\+)?json\s*(?:;|$)/i;

/**
 * Attribute of events that are items of a FanOut: their result is the value itself, and no event.
 */
const ITEM_ATTRIBUTE = 'itemindex';

export async function toBatchEntry(event: CloudEvent, settled: Settled, context: EntryContext): Promise<BatchEntry> {
  if (settled.status === 'rejected') return failed(event, settled.reason, context);
  try {
    const entry = { id: event.id, ...(await contentOf(event, settled.value, context)) };
    // A value that JSON cannot hold fails here, alone.
    return { status: entry.status, text: JSON.stringify(entry) };
  } catch (error) {
    return failed(event, error, context);
  }
}

/** The same as `event()` would answer with. */
async function contentOf(
  cause: CloudEvent,
  value: unknown,
  context: EntryContext,
): Promise<Omit<BatchResult, 'id' | 'retryAfterSeconds'>> {
  const outcome = outcomeOf(value, cause, context.functionName);
  if (outcome.kind === 'done') return { status: DONE };
  if (outcome.kind === 'reply') return answerOf(outcome.value, context);
  const { data } = outcome.event;
  if (isStream(data)) throw new TypeError('A batch function gives values for its events, and no streams.');
  const isResult = value !== outcome.event && cause[ITEM_ATTRIBUTE] !== undefined;
  if (!isResult) return { status: DONE_WITH_DATA, event: toJsonFormat(outcome.event) };
  if (data instanceof Uint8Array) return { status: DONE_WITH_DATA, data_base64: base64(data) };
  if (JSON.stringify(data) === undefined) throw new TypeError(`A batch handler gave a ${typeof data} for an event.`);
  return { status: DONE_WITH_DATA, data };
}

/** The result for a reply, or for a Response, such as `fetch` gives: its status counts. */
async function answerOf(value: unknown, context: EntryContext): Promise<Omit<BatchResult, 'id'>> {
  const { status, headers, body } = toAnswer(value, context);
  const type = headers.findIndex((name, index) => index % 2 === 0 && name.toLowerCase() === 'content-type');
  const datacontenttype = type === -1 ? undefined : headers[type + 1];
  const bytes = await bytesOf(body);
  const parsed = datacontenttype !== undefined && JSON_TYPE.test(datacontenttype) ? parse(bytes) : undefined;
  if (status >= 400) {
    const error = typeof parsed === 'object' && parsed !== null ? { ...parsed } : { detail: `It answered ${status}.` };
    const retry = headers.findIndex((name, index) => index % 2 === 0 && name.toLowerCase() === 'retry-after');
    return { status, ...retryOf(retry === -1 ? undefined : headers[retry + 1]), error };
  }
  if (bytes.length === 0) return { status };
  if (parsed !== undefined) return { status, data: parsed };
  return { status, ...(datacontenttype === undefined ? {} : { datacontenttype }), data_base64: base64(bytes) };
}

function retryOf(field: string | undefined): { retryAfterSeconds?: number } {
  const seconds = retryAfterSeconds(field, Date.now());
  return seconds === undefined ? {} : { retryAfterSeconds: seconds };
}

async function bytesOf(body: unknown): Promise<Buffer> {
  if (body === undefined) return Buffer.alloc(0);
  if (typeof body === 'string') return Buffer.from(body);
  if (body instanceof Uint8Array) return Buffer.from(body);
  const pieces: Buffer[] = [];
  if (isStream(body)) {
    for await (const piece of body)
      pieces.push(piece instanceof Uint8Array ? Buffer.from(piece) : Buffer.from(`${piece}`));
  }
  return Buffer.concat(pieces);
}

function failed({ id }: CloudEvent, reason: unknown, { trace }: EntryContext): BatchEntry {
  const problem = toProblem(reason, trace.traceId);
  const head = { id, status: problem.status, ...retryOf(problem.headers['retry-after']) };
  const thrown = { error: reason, unexpected: problem.unexpected };
  try {
    return { status: problem.status, text: JSON.stringify({ ...head, error: problem.document }), thrown };
  } catch {
    // An extension that JSON cannot hold; the standard members always can.
    const { type, title, detail } = problem.document;
    const error = { type, title, status: problem.status, detail, trace: trace.traceId };
    return { status: problem.status, text: JSON.stringify({ ...head, error }), thrown };
  }
}

/** The form of CloudEvents' JSON format. */
function toJsonFormat({ data, ...attributes }: CloudEvent): Readonly<Record<string, unknown>> {
  return data instanceof Uint8Array ? { ...attributes, data_base64: base64(data) } : { ...attributes, data };
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}
