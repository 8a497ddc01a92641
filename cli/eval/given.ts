// The variables that the options of `tenfold eval` give an expression, in the scope of its place.
import * as z from 'zod';
import type { Variables } from '../../core/cel/expression.ts';
import { createScope, type Scope } from '../../core/cel/scope.ts';
import { defaultEventLimits } from '../../core/cloudevents/cloud-event.ts';
import { toEvent } from '../../core/cloudevents/decode-json.ts';
import { TenfoldError } from '../../core/errors.ts';
import { createVariables } from '../../gateway/exchange/variables.ts';
import { isTaken } from '../../resources/references/aggregates/certain-parts.ts';
import { aggregateScope, scopeOf, valuesScope } from '../../resources/references/scopes.ts';
import { CommandError } from '../command-error.ts';
import { toCookieHeaders, toTarget } from '../request-words.ts';
import type { Inputs } from './inputs.ts';

export interface GivenOptions {
  readonly event?: string | undefined;
  readonly row?: string | undefined;
  readonly request?: string | undefined;
  readonly answer?: string | undefined;
  readonly args?: string | undefined;
  readonly parent?: string | undefined;
  /** `NAME=VALUE` */
  readonly part: readonly string[];
}

export interface Given {
  readonly scope: Scope;
  readonly variables: Variables;
}

/** Throws `invalid-input` or `invalid-event` for values of a wrong form. */
export async function readGiven(options: GivenOptions, inputs: Inputs): Promise<Given> {
  const { event, row, answer, args, parent, part } = options;
  const ofRequest = [options.request, args, parent, ...part].some(given => given !== undefined);
  if ([event !== undefined || row !== undefined, answer !== undefined, ofRequest].filter(Boolean).length > 1)
    throw placesMixed('--event (with --row), --answer and --request (with --part, --args or --parent)');
  if (row !== undefined) return readChange(event, await inputs.json('--row', row), inputs);
  if (event !== undefined)
    return { scope: scopeOf('event'), variables: { event: readEvent(await inputs.json('--event', event)) } };
  if (answer !== undefined)
    return {
      scope: scopeOf('answer'),
      variables: { answer: readAnswer(await inputs.json('--answer', answer), '--answer') },
    };
  if (!ofRequest) return { scope: createScope({}), variables: {} };
  const request = readRequest(options.request === undefined ? {} : await inputs.json('--request', options.request));
  if (args !== undefined || parent !== undefined) {
    if (part.length > 0) throw placesMixed('--part and --args');
    const graphql = {
      args: args === undefined ? {} : await inputs.json('--args', args),
      parent: parent === undefined ? null : await inputs.json('--parent', parent),
    };
    return { scope: scopeOf('graphql'), variables: { ...request, ...graphql } };
  }
  if (part.length === 0) return { scope: scopeOf('request'), variables: request };
  const parts = await readParts(part, inputs);
  return { scope: aggregateScope(Object.keys(parts)), variables: { ...request, ...parts } };
}

function placesMixed(options: string): CommandError {
  return new CommandError('usage', `${options} belong to different places: an expression has the variables of one.`, {
    hint: 'leave one of them out.',
  });
}

/** A row of a View: of a table with the event that changes it, of an aggregate without. */
async function readChange(event: string | undefined, row: unknown, inputs: Inputs): Promise<Given> {
  if (event !== undefined)
    return { scope: scopeOf('change'), variables: { event: readEvent(await inputs.json('--event', event)), row } };
  const members = read(z.record(z.string(), z.json()), row, '--row');
  return { scope: valuesScope(Object.keys(members)), variables: { row: members } };
}

/** As in `tenfold publish --batch`: without "specversion" it is the data of an event. */
function readEvent(value: unknown): unknown {
  if (typeof value === 'object' && value !== null && 'specversion' in value)
    return toEvent(value, defaultEventLimits, '--event');
  return { specversion: '1.0', id: '1', source: '/tenfold/cli', type: 'Example', data: value };
}

const texts = z.record(z.string(), z.string());

const answerForm = z.strictObject({
  status: z.int().min(100).max(599).default(200),
  headers: texts.default({}),
  body: z.json().default(null),
});

const requestForm = z.strictObject({
  method: z.string().default('GET'),
  path: z.string().default('/'),
  host: z.string().optional(),
  headers: texts.default({}),
  query: texts.default({}),
  cookies: texts.default({}),
  params: texts.default({}),
  claims: z.record(z.string(), z.json()).optional(),
  consumer: z.string().optional(),
  body: z.json().optional(),
});

/** The same variables as of a request that came to a gateway. */
function readRequest(value: unknown): Variables {
  const { method, headers, params, claims, consumer, body, ...given } = read(requestForm, value, '--request');
  const { path, query } = toTarget(given.path, toPairs(given.query));
  const fields = [...Object.entries(headers), ...toCookieHeaders(toPairs(given.cookies))].flat();
  const host = given.host ?? fields[fields.findIndex(name => name.toLowerCase() === 'host') + 1] ?? '';
  const head = { method: method.toUpperCase(), path, query: query.slice(1), host, fields };
  return createVariables({ head, params, claims, consumer, parsedBody: body });
}

function toPairs(record: Readonly<Record<string, string>>): string[] {
  return Object.entries(record).map(([name, value]) => `${name}=${value}`);
}

function readAnswer(value: unknown, option: string): unknown {
  const { headers, ...rest } = read(answerForm, value, option);
  return {
    ...rest,
    headers: Object.fromEntries(Object.entries(headers).map(([name, text]) => [name.toLowerCase(), text])),
  };
}

async function readParts(given: readonly string[], inputs: Inputs): Promise<Record<string, unknown>> {
  const parts: Record<string, unknown> = {};
  for (const pair of given) {
    const at = pair.indexOf('=');
    const name = pair.slice(0, Math.max(0, at));
    if (name === '') throw new CommandError('usage', `"${pair}" is no part such as menu=@menu.json.`);
    if (isTaken(name))
      throw new CommandError('usage', `A part cannot be called "${name}": expressions give this name another meaning.`);
    parts[name] = readAnswer(await inputs.json(`--part ${name}`, pair.slice(at + 1)), `--part ${name}`);
  }
  return parts;
}

function read<Form extends z.ZodType>(form: Form, value: unknown, option: string): z.output<Form> {
  const result = form.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const place = issue === undefined || issue.path.length === 0 ? option : `${issue.path.join('.')} of ${option}`;
  throw new TenfoldError('invalid-input', `${place} is not right: ${issue?.message ?? 'it has another form'}.`);
}
