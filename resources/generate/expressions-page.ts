// The reference page of expressions, made of their functions and of the variables of each place.
import { type BuiltIn, builtIns } from '../../core/cel/functions/built-in.ts';
import { BASE64 } from '../../core/cel/functions/bytes.ts';
import type { FunctionDefinition } from '../../core/cel/functions/definition.ts';
import { namedFunctions } from '../../core/cel/functions/functions.ts';
import { MATH } from '../../core/cel/functions/numbers.ts';
import {
  MAX_EXPRESSION_DEPTH,
  MAX_LOOP_NESTING,
  MAX_NODES,
  MAX_SOURCE_LENGTH,
  MAX_UNITS,
} from '../../core/cel/limits.ts';
import type { Shape } from '../../core/cel/scope.ts';
import { scopeOf } from '../references/scopes.ts';
import { GENERATED } from './marker.ts';

const PLACES: readonly (readonly [scope: Parameters<typeof scopeOf>[0], where: string])[] = [
  ['event', 'filters, keys and values of Topics, Queues, Subscriptions, Views, Pipelines and FanOuts'],
  ['change', '`value` of the table of a View'],
  ['request', 'routes and policies of Apis and Stranglers, and parts of Aggregates'],
  ['answer', 'conditions on what a service answered'],
  ['graphql', 'fields of GraphQL interfaces'],
];

const TEXT = 'text';
const SHOWN_TYPES: Readonly<Record<string, string>> = {
  string: TEXT,
  'google.protobuf.Timestamp': 'time',
  'google.protobuf.Duration': 'duration',
  'list<dyn>': 'list',
};
const GROUPS = ['types', 'numbers', 'lists', 'texts', 'times', 'bytes', 'optional values'] as const;

export function expressionsPage(): string {
  return [
    `<!-- ${GENERATED} -->`,
    '# Expressions',
    '',
    'An expression stands between `${` and `}` in a resource, such as `filter: "${event.data.total > 100}"`. The language is [CEL](https://cel.dev), the Common Expression Language. `tenfold validate` checks each with its place: names, types, patterns, time zones and layouts. Each example below is evaluated by a test. Within a text, `$${` writes `${`. [`tenfold eval`](../cli.md#tenfold-eval-expression) tries one on an event or a request: `tenfold eval \'${event.data.total > 100}\' --event \'{"total": 120}\'`.',
    '',
    '## Variables',
    '',
    'The place of an expression decides what it can read. An Aggregate reads the answer of each of its parts by the name of the part, too. In `having` of a View, `row` has the values of its aggregate.',
    '',
    '| where | variables |',
    '| --- | --- |',
    ...PLACES.map(([name, where]) => `| ${where} | ${variablesOf(scopeOf(name).variables)} |`),
    '',
    ...membersOf(),
    '',
    '## Numbers, and what is missing',
    '',
    '- JSON knows one kind of number, which is a `double` here; a literal such as `10` is an `int`. They compare, add and multiply with each other. Two ints divide to an int: `7 / 2` is 3, and `7.0 / 2` is 3.5.',
    '- An int has 64 bits. A result beyond that fails, as does a result that is infinite or no number.',
    '- A whole number of data beyond ±2^53, such as an id of another system, is an int with all its digits. It is compared, calculated with and written exactly, also as text and in a key. A calculation that would round it fails, such as `event.data.id / 2` where a rest is left.',
    '- A number of data with a point or an exponent is a double. A whole number of more than 39 digits can be passed on with the object around it. Reading it fails.',
    '- A place that needs a number, such as the score of a ranking, refuses a whole number beyond ±2^53. An index of rows and a search document do so, too. Make it a text there.',
    '- The sum of an empty list is 0. Its mean, least and greatest do not exist, so that `avg`, `min` and `max` of it fail; `size(list) == 0` asks for it.',
    '- A result that is no number, such as `0.0 / 0.0`, fails in `min` and `max`, and where it would become JSON.',
    '- Reading a member that is not there fails. `has(event.data.member)` asks for it, `event.data.?member.orValue(0)` gives something else.',
    '- `&&` and `||` hold when one side decides, even if the other fails.',
    '- A time is shown in UTC unless a zone is named. Nothing depends on the zone of the server.',
    '',
    '## Limits',
    '',
    `An expression has at most ${MAX_SOURCE_LENGTH.toLocaleString('en-US')} characters, ${MAX_NODES} parts and ${MAX_EXPRESSION_DEPTH} levels. Loops stand at most ${MAX_LOOP_NESTING} deep in each other. One evaluation does at most ${MAX_UNITS.toLocaleString('en-US')} units of work. A unit is a character or an item that is read or made. An evaluation that needs more fails, and says so; no function cuts a text or a list.`,
    '',
    ...GROUPS.flatMap(group => [
      `## ${group.replace(/^./, first => first.toUpperCase())}`,
      '',
      '| call | what it does | example | gives |',
      '| --- | --- | --- | --- |',
      ...builtIns.filter(one => one.group === group).map(builtInRow),
      ...namedFunctions.filter(one => groupOf(one) === group && one.examples.length > 0).flatMap(rowsOf),
      '',
    ]),
  ].join('\n');
}

function variablesOf(variables: Readonly<Record<string, Shape>>): string {
  return Object.entries(variables)
    .map(([name, shape]) => `\`${name}\` (${typeof shape === 'string' ? shape : shape.name})`)
    .join(', ');
}

function membersOf(): string[] {
  const shapes = new Map(
    PLACES.flatMap(([name]) => Object.values(scopeOf(name).variables)).flatMap(shape =>
      typeof shape === 'string' ? [] : [[shape.name, shape] as const],
    ),
  );
  return [
    '| type | members |',
    '| --- | --- |',
    ...[...shapes.values()].map(({ name, fields, admits }) => {
      const listed = Object.entries(fields).map(([field, type]) => `\`${field}\` (${String(type)})`);
      return `| ${name} | ${listed.join(', ')}${admits ? ', and extension attributes by their names' : ''} |`;
    }),
  ];
}

function groupOf({ receiver, name, params, returns }: FunctionDefinition): (typeof GROUPS)[number] {
  if (receiver === MATH) return 'numbers';
  if (receiver === BASE64 || receiver === 'bytes' || name === 'sha256' || name === 'hash') return 'bytes';
  if (receiver === 'list<dyn>') return 'lists';
  if (receiver === 'string') return 'texts';
  return [receiver, returns, params[0]?.[1]].some(type => type?.startsWith('google.')) ? 'times' : 'types';
}

function builtInRow({ call, says, example: [source, value] }: BuiltIn): string {
  return row(call, says, source, value);
}

function rowsOf(definition: FunctionDefinition): string[] {
  const { examples, says, also } = definition;
  return [
    ...rowsWith(callOf(definition), says, examples),
    ...(also === undefined ? [] : rowsWith(callAlone(definition, also.name), 'is the same', also.examples)),
  ];
}

function rowsWith(call: string, says: string, examples: FunctionDefinition['examples']): string[] {
  return examples.map(([source, value], index) => row(index === 0 ? call : '', index === 0 ? says : '', source, value));
}

function callOf({ name, receiver, params }: FunctionDefinition): string {
  const owner = receiver === undefined ? '' : `${SHOWN_TYPES[receiver] ?? receiver}.`;
  return `${owner}${name}(${params.map(([param]) => param).join(', ')})`;
}

function callAlone({ receiver = '', params }: FunctionDefinition, name: string): string {
  const first = receiver === MATH || receiver === BASE64 ? [] : [SHOWN_TYPES[receiver] ?? receiver];
  return `${name}(${[...first, ...params.map(([param]) => param)].join(', ')})`;
}

function row(call: string, says: string, source: string, value: unknown): string {
  const code = (text: string) => (text === '' ? '' : `\`${text}\``);
  return `| ${[code(call), says, code(source), code(JSON.stringify(value))].map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}
