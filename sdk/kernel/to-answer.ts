// Turns whatever a handler returned into status, headers and a body that a host can write.
import { isHttpProblem } from '../problem.ts';
import { isReply, type ReplyHeaders } from '../reply.ts';
import { PROBLEM_TYPE, toProblem } from './to-problem.ts';

export type StreamBody = AsyncIterable<unknown>;
export type AnswerBody = string | Uint8Array | StreamBody | undefined;

export interface Answer {
  readonly status: number;
  /** Names and values in turn. */
  readonly headers: string[];
  readonly body: AnswerBody;
  /** The errors behind it: for the host, and no part of what the caller sees. */
  readonly thrown?: readonly Thrown[];
}

/** `of`: the place in its batch of the event that failed; undefined: the whole call failed. */
export interface Thrown {
  readonly of?: number;
  readonly error: unknown;
}

/** Read only when the answer needs it. */
interface Traced {
  readonly trace: { readonly traceId: string };
}

const JSON_TYPE = 'application/json';
const TEXT_TYPE = 'text/plain; charset=utf-8';
const BYTES_TYPE = 'application/octet-stream';
const NO_CONTENT = 204;
/** RFC 9110 §7.6.1: these belong to the connection, which is the host's. */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'te',
  'trailer',
  'upgrade',
]);

/** Throws when the value cannot be an answer, e.g. a function or a cycle. */
export function toAnswer(value: unknown, context: Traced): Answer {
  if (value === undefined) return { status: NO_CONTENT, headers: [], body: undefined };
  if (typeof value === 'object' && value !== null) {
    // One look at the prototype tells plain objects and arrays, nearly all answers, from everything
    // special.
    const prototype = Object.getPrototypeOf(value);
    if (prototype === Object.prototype ? !isReply(value) : prototype === Array.prototype) return json(value);
    if (isReply(value)) return withHead(toAnswer(value.body, context), value.status, value.headers);
    if (value instanceof Response) return fromResponse(value);
    if (isHttpProblem(value)) return problemAnswer(value, context.trace.traceId);
  }
  if (typeof value === 'string') return { status: 200, headers: ['content-type', TEXT_TYPE], body: value };
  if (value instanceof Uint8Array || isStream(value)) {
    return { status: 200, headers: ['content-type', BYTES_TYPE], body: value };
  }
  return json(value);
}

export interface ProblemAnswer extends Answer {
  readonly body: string;
}

export function problemAnswer(error: unknown, trace: string): ProblemAnswer {
  const { status, headers, document } = toProblem(error, trace);
  const list = ['content-type', PROBLEM_TYPE];
  for (const [name, text] of Object.entries(headers)) list.push(name, text);
  const thrown = [{ error }];
  try {
    return { status, headers: list, body: JSON.stringify(document), thrown };
  } catch {
    // An extension that JSON cannot hold; the standard members always can.
    const { type, title, detail, trace } = document;
    return { status, headers: list, body: JSON.stringify({ type, title, status, detail, trace }), thrown };
  }
}

export function isStream(value: unknown): value is StreamBody {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}

function json(value: unknown): Answer {
  const body = JSON.stringify(value);
  if (body === undefined) throw new TypeError(`A handler returned a ${typeof value}, which is no answer.`);
  return { status: 200, headers: ['content-type', JSON_TYPE], body };
}

/**
 * The answer with a status and headers of its own; they win over those
 * that the body's type implies.
 */
function withHead(answer: Answer, status: number, headers: ReplyHeaders): Answer {
  if (!Number.isInteger(status) || status < 200 || status > 599) {
    throw new RangeError(`A reply has a status from 200 to 599, not ${status}.`);
  }
  const list: string[] = [];
  // The host counts a body that is complete.
  const counted = typeof answer.body === 'string' || answer.body instanceof Uint8Array;
  const given = new Set<string>();
  for (const [name, value] of Object.entries(headers)) {
    const key = name.toLowerCase();
    if (value === undefined || HOP_BY_HOP.has(key) || (key === 'content-length' && counted)) continue;
    given.add(key);
    for (const one of Array.isArray(value) ? value : [value]) list.push(name, String(one));
  }
  for (let index = 0; index + 1 < answer.headers.length; index += 2) {
    const name = answer.headers[index] ?? '';
    if (!given.has(name.toLowerCase())) list.push(name, answer.headers[index + 1] ?? '');
  }
  return { status, headers: list, body: answer.body };
}

function fromResponse(response: Response): Answer {
  const headers: string[] = [];
  // A response that came from fetch() was decoded on the way: its length and encoding
  // are those of another body.
  const fetched = response.url !== '';
  for (const [name, value] of response.headers) {
    if (HOP_BY_HOP.has(name) || (fetched && (name === 'content-encoding' || name === 'content-length'))) continue;
    headers.push(name, value);
  }
  return { status: response.status, headers, body: response.body ?? undefined };
}
