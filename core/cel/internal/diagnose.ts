// Turns what cel-js reports into faults that say what to do.
import { TypeError as CheckError, EvaluationError, ParseError } from '@marcbachmann/cel-js';
import { TenfoldError } from '../../errors.ts';
import { suggest } from '../../suggest.ts';
import type { ExpressionFault } from '../fault.ts';
import { FUNCTION_REASONS } from '../functions/definition.ts';
import { functionDefinitions } from '../functions/functions.ts';
import type { Scope } from '../scope.ts';
import { callOf, isNode, type Node, nodesIn } from './ast.ts';
import { writtenNames } from './environment.ts';
import { quoteSource, typeInWords } from './names.ts';
import { isNamespace, signatureOf } from './register.ts';

type Report = ParseError | CheckError;

export function toFault(error: unknown, scope: Scope): ExpressionFault {
  if (!(error instanceof ParseError || error instanceof CheckError)) throw error;
  // The position of a member access is its member; only a missing member is
  // meant to be pointed at there.
  const whole = isNode(error.node) && error.code !== 'no_such_key' ? error.node.start : undefined;
  const start = whole ?? error.range?.start ?? 0;
  const place = { offset: start, length: Math.max(1, (error.range?.end ?? start) - start) };
  const node = isNode(error.node) ? error.node : undefined;
  switch (error.code) {
    case 'unknown_variable':
      return { ...place, ...unknownVariable(String(node?.args), scope) };
    case 'no_such_key':
      return { ...place, ...unknownMember(error, scope) };
    case 'no_matching_overload':
      return { ...place, ...unknownFunction(error, scope) };
    case 'no_such_overload':
      return { ...place, reason: wrongOperands(error) };
    case 'limit_exceeded':
      return { ...place, reason: 'It is too long or too deeply nested. Move the logic into a function.' };
    default:
      return { ...place, reason: sentence(error.summary) };
  }
}

function unknownVariable(name: string, scope: Scope): Omit<ExpressionFault, 'offset' | 'length'> {
  const names = Object.keys(scope.variables);
  return withSuggestion(`There is no variable "${name}" here.`, suggest(name, names), `one of ${names.join(', ')}`);
}

function unknownMember(error: Report, scope: Scope): Omit<ExpressionFault, 'offset' | 'length'> {
  const args = isNode(error.node) && Array.isArray(error.node.args) ? error.node.args : [];
  const owner = isNode(args[0]) ? args[0].checkedType?.name : undefined;
  const index = isNode(args[1]) ? args[1].args : args[1];
  const type = owner === undefined ? undefined : scope.types.get(owner);
  const names = Object.keys(type?.fields ?? {});
  return withSuggestion(
    `A ${owner ?? 'value'} has no member "${String(index)}".`,
    suggest(String(index), names),
    `one of ${names.join(', ')}`,
  );
}

/** Names from other languages, and how the function is called here. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  round: 'round(…)',
  floor: 'floor(…)',
  ceil: 'ceil(…)',
  ceiling: 'ceil(…)',
  abs: 'abs(…)',
  mean: '[…].avg()',
  average: '[…].avg()',
  length: 'size(…)',
  len: 'size(…)',
  count: 'size(…)',
  toLowerCase: 'lowerAscii()',
  toUpperCase: 'upperAscii()',
  lower: 'lowerAscii()',
  upper: 'upperAscii()',
  includes: 'contains(…)',
  replaceAll: 'replace(…)',
  substr: 'substring(…)',
  slice: 'substring(…)',
  md5: 'hash(…, "md5")',
  sha1: 'hash(…, "sha1")',
  sha384: 'hash(…, "sha384")',
  sha512: 'hash(…, "sha512")',
  btoa: 'base64.encode(…)',
  base64Encode: 'base64.encode(…)',
  atob: 'base64.decode(…)',
  base64Decode: 'base64.decode(…)',
  toString: 'string(…)',
  parseInt: 'int(…)',
  parseFloat: 'double(…)',
  toISOString: 'string(…)',
  strftime: 'format(…)',
  plus: 'add(…)',
  minus: 'add(…)',
  subtract: 'add(…)',
  truncate: 'startOf(…)',
  date_trunc: '(…).startOf(…)',
  date: 'timestamp(…).format("%F")',
  now: 'event.time',
};

function unknownFunction(error: Report, scope: Scope): Omit<ExpressionFault, 'offset' | 'length'> {
  const call = isNode(error.node) ? callOf(error.node) : undefined;
  const name = writtenNames(call?.name ?? '');
  const all = scope.runner.getDefinitions().functions;
  const isMethod = call?.receiver !== undefined;
  const space = namespaceOf(call?.receiver?.checkedType?.name);
  const functions = all.filter(
    one => (one.receiverType !== null) === isMethod && namespaceOf(one.receiverType ?? undefined) === space,
  );
  const names = [...new Set(functions.map(one => writtenNames(one.name)))];
  const kind = call?.receiver ? 'method' : 'function';
  if (!names.includes(name)) {
    const isElsewhere = all.some(one => writtenNames(one.name) === name);
    const otherForm = call?.receiver ? `${name}(…)` : `(…).${name}()`;
    const known = Object.hasOwn(OTHER_NAMES, name) ? OTHER_NAMES[name] : undefined;
    const guessed = known ?? (isElsewhere ? otherForm : suggest(name, names));
    return withSuggestion(`There is no ${kind} "${name}".`, guessed, undefined);
  }
  const forms = functions.filter(one => writtenNames(one.name) === name).map(one => writtenNames(one.signature));
  const given = writtenNames(error.summary).replace('found no matching overload for ', '').replaceAll("'", '');
  return { reason: `The ${kind} "${name}" cannot be called as ${given}.`, expected: [...new Set(forms)].join(' or ') };
}

function namespaceOf(type: string | undefined): string | undefined {
  return type !== undefined && isNamespace(type) ? type : undefined;
}

function wrongOperands(error: Report): string {
  const node = isNode(error.node) ? error.node : undefined;
  const types = node ? nodesIn(node.args).map(operand => typeInWords(operand.checkedType?.name ?? 'dyn')) : [];
  return node && types.length > 0
    ? `The operator "${node.op.replace('_', '')}" does not work on ${types.join(' and ')}.`
    : sentence(error.summary);
}

function withSuggestion(reason: string, suggestion: string | undefined, expected: string | undefined) {
  return {
    reason: suggestion === undefined ? reason : `${reason} Did you mean "${suggestion}"?`,
    ...(expected === undefined ? {} : { expected }),
    ...(suggestion === undefined ? {} : { suggestion }),
  };
}

/** Messages of cel-js that are no sentences, or name its own insides. */
const REWORDED: readonly (readonly [RegExp, string])[] = [
  [/^Unexpected token: EOF$/, 'It ends too early'],
  [/^has\(\) invalid argument$/, 'The function has(…) needs a member after a dot, such as has(event.data.total)'],
  [/^(\w+)\(.*\) invalid predicate .*$/, 'The first argument of $1(…) has to be a name for each item, such as x'],
  [/^invalid variable argument$/, 'The first argument of cel.bind(…) has to be a name, such as x'],
  [/^(\w+)\(.*\) (?:filter )?predicate must return/, 'The condition in $1(…) has to return'],
  [/^(optional\.\w+)\(.*\) (receiver|argument) must/, 'The $2 of $1(…) must'],
  [/^(\\u) not allowed/, 'The escape $1 is not allowed'],
];

function sentence(summary: string): string {
  const own = REWORDED.reduce((text, [form, words]) => text.replace(form, words), writtenNames(summary));
  const text = /^\p{Lu}/u.test(own) ? own : `It is not valid: ${own}`;
  return text.endsWith('.') ? text : `${text}.`;
}

/** Reasons by the code of an evaluation error. Its own message would show data. */
const REASONS: Readonly<Record<string, string>> = {
  ...FUNCTION_REASONS,
  no_such_key: 'a member does not exist; test for it with has(…), or read it with .?member.orValue(…)',
  unknown_variable: 'a variable has no value',
  index_out_of_bounds: 'an index is beyond the end of a list',
  index_out_of_range: 'an index is beyond the end of a text',
  no_such_overload: 'an operator does not work on values of these types',
  no_matching_overload: 'a function does not work on values of these types',
  invalid_condition_type: 'a condition is neither true nor false',
  invalid_logical_operand: 'an operand of && or || is neither true nor false',
  invalid_regular_expression: 'a regular expression is not valid',
  invalid_timestamp: 'timestamp(…) needs text such as "2026-01-31T09:30:00Z"',
  invalid_duration: 'duration(…) needs text such as "1h30m"',
  numeric_overflow: 'a number is too large',
  unsupported_type: 'a number has too many digits, so it can only be passed on; publish it as text',
  division_by_zero: 'something is divided by zero',
  modulo_by_zero: 'something is divided by zero',
  budget_exceeded: 'it needs more work than one evaluation may do, for data of this size',
  optional_value_missing: 'an optional value is missing; use .orValue(…)',
};

/** Names the expression and the place in it, never the data. */
export class EvaluationFailed extends TenfoldError {
  /** Whether a member that it reads is not there. */
  readonly absent: boolean;
  /** The variables and members that what failed reads. */
  readonly reads: readonly string[];

  constructor(message: string, reads: readonly string[], absent = false, cause?: RangeError) {
    super('expression-failed', message, { cause });
    this.reads = reads;
    this.absent = absent;
  }
}

/** `readsOf`: what the expression reads, or a part of it that is known to have failed. */
export function evaluationFailed(
  source: string,
  error: unknown,
  readsOf: (node: Node | undefined) => readonly string[],
): TenfoldError {
  if (error instanceof EvaluationFailed) return error;
  if (error instanceof TenfoldError) {
    return error.code === 'expression-failed' ? new EvaluationFailed(error.message, readsOf(undefined)) : error;
  }
  const known = error instanceof EvaluationError ? error : undefined;
  // Values that nest too deep exhaust the stack.
  const tooDeep = error instanceof RangeError ? error : undefined;
  const node = known && isNode(known.node) ? known.node : undefined;
  const reason =
    tooDeep === undefined
      ? ((known && reasonOf(known.code, node)) ?? 'a value has a type or form that it cannot work with')
      : 'a value is nested too deeply';
  const place = node ? `, at ${quoteSource(source.slice(node.start, node.end))}` : '';
  const message = `The expression ${quoteSource(source)} could not be evaluated${place}: ${reason}.`;
  return new EvaluationFailed(message, readsOf(node), known?.code === 'no_such_key', tooDeep);
}

function reasonOf(code: string, node: Node | undefined): string | undefined {
  const reason = REASONS[code];
  const call = code === 'no_matching_overload' && node ? callOf(node) : undefined;
  if (call === undefined) return reason;
  const name = writtenNames(call.name);
  const isMethod = call.receiver !== undefined;
  const forms = functionDefinitions
    .filter(one => one.name === name && (one.receiver !== undefined) === isMethod)
    .map(one =>
      signatureOf(one)
        .replace(/: [^:]*$/, '')
        .replaceAll('google.protobuf.', ''),
    );
  return forms.length === 0 ? reason : `${reason}; "${name}" takes ${[...new Set(forms)].join(' or ')}`;
}

/** The error for a value that is not what the place of the expression needs. */
export function wrongResult(source: string, expected: string, got: string): TenfoldError {
  const message = `The expression ${quoteSource(source)} has to give ${expected}, but gave ${typeInWords(got)}.`;
  return new TenfoldError('expression-failed', message);
}
