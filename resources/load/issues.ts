// Turns zod's issues into problems: one for each mistake, with its path, the expected value, and
// the nearest valid name.
import type * as z from 'zod';
import { suggest } from '../../core/suggest.ts';
import { marksOf } from '../kinds/fields/marks.ts';
import type { MistakenPlace, Path } from '../resource.ts';
import { formatPath, valueAt } from './path.ts';
import { alternatives, memberNames, schemasAt } from './schema-path.ts';

export interface Mistake extends MistakenPlace {
  readonly message: string;
  readonly expected?: string;
}

type Issue = z.core.$ZodIssue;

/**
 * The most unknown fields of one object that are reported: a file of somebody else has thousands.
 */
const MAX_UNKNOWN = 100;

/** A mistyped field is one mistake, though its right name is then missing too. */
export function toMistakes(issues: readonly Issue[], schema: z.core.$ZodType, manifest: unknown): Mistake[] {
  const all = allMistakes(issues, schema, manifest);
  const meant = new Set(
    all
      .filter(one => one.suggestion !== undefined && one.at === 'key')
      .map(one => formatPath([...one.path.slice(0, -1), one.suggestion ?? ''])),
  );
  return all.filter(one => !missingAt(one, schema, manifest).some(path => meant.has(formatPath(path))));
}

/** The places where something could be put to mend a mistake that something is missing. */
function missingAt({ path, at }: Mistake, schema: z.core.$ZodType, manifest: unknown): Path[] {
  if (at === 'key') return [];
  const value = valueAt(manifest, path);
  if (value === undefined) return [path];
  const choices = schemasAt(schema, path)
    .flatMap(alternatives)
    .flatMap(one => marksOf(one).exactlyOneOf ?? []);
  return choices.every(name => valueAt(value, [name]) === undefined) ? choices.map(name => [...path, name]) : [];
}

function allMistakes(issues: readonly Issue[], schema: z.core.$ZodType, manifest: unknown): Mistake[] {
  return issues.flatMap(issue => {
    const path = stepsOf(issue.path);
    switch (issue.code) {
      case 'unrecognized_keys':
        return issue.keys
          .slice(0, MAX_UNKNOWN)
          .map(key => unknownMember([...path, key], key, memberNames(schema, path)));
      case 'invalid_union':
        return fromUnion(issue, path, schema, manifest);
      case 'invalid_key':
        return [{ path, at: 'key', message: withStop(issue.issues[0]?.message ?? issue.message) }];
      case 'invalid_element':
        return allMistakes(issue.issues, schema, manifest);
      default:
        return [fromValue(issue, path, schema, manifest)];
    }
  });
}

function stepsOf(path: readonly PropertyKey[]): (string | number)[] {
  return path.map(step => (typeof step === 'symbol' ? String(step) : step));
}

function unknownMember(path: Path, key: string, names: readonly string[]): Mistake {
  const suggestion = suggest(key, names);
  const hint = suggestion === undefined ? 'Remove it.' : `Did you mean "${suggestion}"?`;
  return {
    path,
    at: 'key',
    message: `There is no field "${key}" here. ${hint}`,
    expected: names.length === 0 ? 'nothing' : `one of ${names.join(', ')}`,
    ...(suggestion === undefined ? {} : { suggestion }),
  };
}

/**
 * When the value has the type of one alternative only, its own faults are reported; otherwise the
 * list of alternatives.
 */
function fromUnion(
  issue: Extract<Issue, { code: 'invalid_union' }>,
  path: Path,
  schema: z.core.$ZodType,
  manifest: unknown,
): Mistake[] {
  const near = issue.errors.filter(
    errors => errors.length > 0 && !errors.some(error => error.path.length === 0 && error.code === 'invalid_type'),
  );
  const [only, another] = near;
  if (only && !another && typeof valueAt(manifest, path) === 'object') {
    return allMistakes(
      only.map(error => ({ ...error, path: [...path, ...error.path] })),
      schema,
      manifest,
    );
  }
  return [fromValue(issue, path, schema, manifest)];
}

function fromValue(issue: Issue, path: Path, schema: z.core.$ZodType, manifest: unknown): Mistake {
  const value = valueAt(manifest, path);
  const expected = expectedAt(issue, path, schema);
  if (value === undefined && (issue.code === 'invalid_type' || issue.code === 'invalid_union')) {
    const name = path.at(-1);
    const message = `${typeof name === 'string' ? `The field "${name}"` : 'A value'} is missing.`;
    return { path, at: 'value', message, ...(expected === undefined ? {} : { expected }) };
  }
  const suggestion =
    issue.code === 'invalid_value' && typeof value === 'string' ? suggest(value, issue.values.map(String)) : undefined;
  return {
    path,
    at: 'value',
    message: messageOf(issue, value, suggestion),
    ...(expected === undefined ? {} : { expected }),
    ...(suggestion === undefined ? {} : { suggestion }),
  };
}

function messageOf(issue: Issue, value: unknown, suggestion: string | undefined): string {
  const hint = suggestion === undefined ? '' : ` Did you mean "${suggestion}"?`;
  switch (issue.code) {
    case 'invalid_value':
      return `${describe(value)} is not one of ${issue.values.map(String).join(', ')}.${hint}`;
    case 'invalid_type':
      return /^Invalid input/.test(issue.message)
        ? `This is ${describe(value)}, but ${inWords(issue.expected)} is needed.`
        : withStop(issue.message);
    case 'too_small':
    case 'too_big':
      return /^Too (small|big)/.test(issue.message) ? outOfRange(issue) : withStop(issue.message);
    default:
      return withStop(issue.message) + hint;
  }
}

function outOfRange(issue: Extract<Issue, { code: 'too_small' | 'too_big' }>): string {
  const bound = issue.code === 'too_small' ? `at least ${issue.minimum}` : `at most ${issue.maximum}`;
  const unit = { string: ' characters', array: ' entries' }[issue.origin as string] ?? '';
  return unit === '' ? `This has to be ${bound}.` : `This has to have ${bound}${unit}.`;
}

function expectedAt(issue: Issue, path: Path, schema: z.core.$ZodType): string | undefined {
  if (issue.code === 'invalid_value') return `one of ${issue.values.map(String).join(', ')}`;
  const named = schemasAt(schema, path).flatMap(one => [one, ...alternatives(one)]);
  for (const one of named) {
    const { typeName } = marksOf(one);
    if (typeName !== undefined) return typeName;
  }
  return issue.code === 'invalid_type' ? inWords(issue.expected) : undefined;
}

function inWords(type: string): string {
  const words: Record<string, string> = {
    string: 'text',
    number: 'a number',
    int: 'a whole number',
    boolean: 'true or false',
    array: 'a list',
    object: 'an object',
    record: 'an object',
  };
  return words[type] ?? type;
}

function describe(value: unknown): string {
  if (value === null) return 'nothing (null)';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

function withStop(message: string): string {
  return /[.?!]$/.test(message) ? message : `${message}.`;
}
