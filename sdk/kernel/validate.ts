// Runs a value through a Standard Schema; what does not match becomes a 400
// problem that lists every issue.
import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { HttpProblem } from '../problem.ts';
import { knownProblem } from './known-problems.ts';

/** More issues help nobody, and a large array could give one per element. */
const MAX_ISSUES = 50;

export type Validation = { readonly value: unknown } | { readonly problem: HttpProblem };

/** `part` names the checked value, e.g. `body`; it begins the path of every issue. */
export async function validate(schema: StandardSchemaV1, value: unknown, part: string): Promise<Validation> {
  let result = schema['~standard'].validate(value);
  if (result instanceof Promise) result = await result;
  if (result.issues === undefined) return { value: result.value };
  const issues = result.issues
    .slice(0, MAX_ISSUES)
    .map(issue => ({ path: toPath(part, issue.path), message: issue.message }));
  const first = issues[0];
  const detail = `${first ? `${first.path}: ${first.message}` : `The ${part} does not match.`}${
    result.issues.length > 1 ? ` (and ${result.issues.length - 1} more)` : ''
  }`;
  return { problem: knownProblem('invalid-input', detail, { extensions: { issues } }) };
}

function toPath(part: string, path: StandardSchemaV1.Issue['path']): string {
  let text = part;
  for (const segment of path ?? []) {
    const key = typeof segment === 'object' ? segment.key : segment;
    text += typeof key === 'number' ? `[${key}]` : `.${String(key)}`;
  }
  return text;
}
