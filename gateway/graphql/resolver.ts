// Resolves one field of a query by a call to its target; equal questions within
// one query are asked once.

import type { Variables } from '../../core/cel/expression.ts';
import type { ValueTemplate } from '../../core/cel/value.ts';
import { TenfoldError } from '../../core/errors.ts';
import { toExactText } from '../../core/units/whole-numbers.ts';
import type { World } from '../../core/world.ts';
import { reasonOfStatus } from '../aggregate/part-result.ts';
import { readValue } from '../aggregate/part-value.ts';
import type { Call, Target } from '../exchange/target.ts';
import { type Answer, callTarget } from '../upstream/buffered-call.ts';
import type { FieldForwarder } from '../upstream/forwarded-fields.ts';
import type { PathTemplate } from '../upstream/path-template.ts';
import type { AnswerBudget } from './answer-budget.ts';
import type { Turns } from './turns.ts';

export interface Resolver {
  /** `Query.order`. */
  readonly name: string;
  readonly target: Target;
  readonly method: string;
  readonly path: PathTemplate;
  readonly body: ValueTemplate | undefined;
  /** Undefined: all the time that is left. */
  readonly timeoutMs: number | undefined;
  readonly forward: FieldForwarder;
  /** Whether what the target says about a wrong request may be shown: not what strangers say. */
  readonly internal: boolean;
}

/** The calls that one query has in flight. */
export interface QueryContext {
  readonly call: Call;
  readonly budget: AnswerBudget;
  readonly turns: Turns;
  readonly calls: Map<string, Promise<unknown>>;
  /** Calls that may still be made. */
  left: number;
}

const SAFE = new Set(['GET', 'HEAD', 'QUERY']);
const MAX_ANSWER_BYTES = 8 * 1024 * 1024;

export function resolveField(
  world: World,
  resolver: Resolver,
  query: QueryContext,
  args: Readonly<Record<string, unknown>>,
  parent: unknown,
): Promise<unknown> {
  const { call } = query;
  const variables = { ...call.variables, args, parent: parent ?? null };
  const path = resolver.path.evaluate(variables);
  const body = resolver.body === undefined ? null : toExactText(resolver.body.evaluate(variables) ?? null);
  const ask = () => askTarget(world, resolver, query, { path, body, args, variables });
  if (!SAFE.has(resolver.method)) return ask();
  const key = `${resolver.name}\n${resolver.method} ${path}\n${body}`;
  const under = query.calls.get(key);
  if (under) return under;
  const asked = ask();
  query.calls.set(key, asked);
  return asked;
}

interface Question {
  readonly path: string;
  readonly body: string | null;
  readonly args: Readonly<Record<string, unknown>>;
  readonly variables: Variables;
}

async function askTarget(world: World, resolver: Resolver, query: QueryContext, question: Question): Promise<unknown> {
  const { call } = query;
  if (query.left <= 0) {
    throw new TenfoldError('too-many-requests', 'The query leads to more calls than its limit of cost allows.');
  }
  query.left--;
  const { path, body, args } = question;
  const headers = resolver.forward(call.headers);
  if (body !== null)
    headers.push('content-type', 'application/json', 'content-length', String(Buffer.byteLength(body)));
  const { params, claims, consumer } = call.variables;
  const answer = await callTarget(world, resolver.target, {
    method: resolver.method,
    path,
    headers,
    body,
    trace: call.trace,
    timeoutMs: Math.min(call.remainingMs, resolver.timeoutMs ?? call.remainingMs),
    maxBody: MAX_ANSWER_BYTES,
    signal: call.signal,
    asker: { params: { ...params, ...textsOf(args) }, claims, consumer },
    party: call.party,
  });
  return toValue(answer, resolver);
}

function toValue(answer: Answer, { internal }: Resolver): unknown {
  const reason = reasonOfStatus(answer.status);
  switch (reason) {
    case undefined:
      return readValue(answer, { headers: false, body: true }).body;
    case 'not-found':
      return null;
    case 'forbidden':
      throw new TenfoldError('forbidden', 'The caller may not do this.');
    case 'busy':
      throw new TenfoldError('overloaded', 'Too much work is waiting.');
    case 'timeout':
      throw new TenfoldError('timeout', 'The time limit was reached.');
    case 'refused':
      throw new TenfoldError('invalid-input', (internal ? detailOf(answer) : undefined) ?? 'The input was refused.');
    default:
      throw new TenfoldError('bad-gateway', 'No valid answer was given.');
  }
}

/** The fault of the input that a function reports in a problem document (RFC 9457). */
function detailOf({ fields, body }: Answer): string | undefined {
  try {
    const problem = readValue({ status: 200, fields, body }, { headers: false, body: true }).body;
    if (typeof problem !== 'object' || problem === null) return undefined;
    const { detail, title }: { detail?: unknown; title?: unknown } = problem;
    const text = typeof detail === 'string' ? detail : title;
    return typeof text === 'string' ? text.slice(0, 500) : undefined;
  } catch {
    return undefined;
  }
}

/** An aggregate that answers a field finds the field's arguments among its parameters. */
function textsOf(args: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(args).flatMap(([name, value]) => (typeof value === 'object' ? [] : [[name, String(value)]])),
  );
}
