// Examples in the schema of a Topic or a Queue that do not match it: a warning, as people publish
// them as samples, and events are taken by the schema alone.
import { createSchemaCompiler } from '../../core/json-schema/json-schema.ts';
import { formatPath, pathOfPointer, valueAt } from '../load/path.ts';
import type { Path, ResourceProblem } from '../resource.ts';
import { type Check, problemAt } from './check.ts';
import type { Declared } from './declared.ts';

export const examplesMatch: Check = ({ marked }) => {
  const compile = createSchemaCompiler({ draftChecked: true });
  return marked.flatMap(({ resource, path, value, marks }) => {
    if (!marks.jsonSchema || (resource.kind !== 'Topic' && resource.kind !== 'Queue')) return [];
    const examples = examplesOf(value);
    return examples.length === 0 ? [] : wrongExamples(resource, path, value, examples, compile);
  });
};

function examplesOf(schema: unknown): readonly unknown[] {
  if (typeof schema !== 'object' || schema === null || !('examples' in schema)) return [];
  return Array.isArray(schema.examples) ? schema.examples : [];
}

function wrongExamples(
  resource: Declared,
  path: Path,
  schema: unknown,
  examples: readonly unknown[],
  compile: ReturnType<typeof createSchemaCompiler>,
): ResourceProblem[] {
  const compiled = compiledOf(schema, compile);
  if (compiled === undefined) return [];
  return examples.flatMap((example, index) => {
    const [first, ...others] = compiled.validate(example);
    if (first === undefined) return [];
    const inside = stepsIn(example, first.pointer);
    const where = inside.length === 0 ? 'it' : formatPath(inside);
    const rest = others.length === 0 ? '' : ` ${others.length} more of its values do not match.`;
    const message = `This example does not match its schema: ${where} ${first.message}.${rest} Change the example or the schema.`;
    const at = [...path, 'examples', index, ...inside];
    return [problemAt(resource, at, { severity: 'warning', message })];
  });
}

/** Undefined for a schema that does not compile: another check tells that. */
function compiledOf(schema: unknown, compile: ReturnType<typeof createSchemaCompiler>) {
  try {
    return compile(schema);
  } catch {
    return undefined;
  }
}

/** The pointer as a path, with the indexes of lists as numbers. */
function stepsIn(data: unknown, pointer: string): Path {
  let at = data;
  return pathOfPointer(pointer).map(text => {
    const step = Array.isArray(at) ? Number(text) : text;
    at = valueAt(at, [step]);
    return step;
  });
}
