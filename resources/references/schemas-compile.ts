// Every JSON Schema must compile, and every pattern that requests are matched with.
import { createSchemaCompiler, schemaFaultOf } from '../../core/json-schema/json-schema.ts';
import { maskerOf } from '../../core/json-schema/sensitive.ts';
import { compilePattern } from '../../core/patterns.ts';
import type { Kind } from '../kinds/kind-names.ts';
import { pathOfPointer, valueAt } from '../load/path.ts';
import type { Path, ResourceProblem } from '../resource.ts';
import { type Check, problemAt } from './check.ts';
import type { Declared } from './declared.ts';
import { soundAt } from './sound.ts';

export const schemasCompile: Check = ({ marked }) => {
  // The kinds hold every schema against its draft when they are loaded.
  const compile = createSchemaCompiler({ draftChecked: true });
  return marked.flatMap(({ resource, path, value, marks }) => {
    if (!marks.jsonSchema) return [];
    try {
      compile(value);
      return isOfEvents(resource.kind) || maskerOf(value, compile) === undefined
        ? []
        : [problemAt(resource, path, { part: 'key', message: OF_EVENTS_ALONE })];
    } catch (error) {
      const fault = schemaFaultOf(error);
      if (!fault) throw error;
      const message = `This JSON Schema is not valid: ${fault.reason}`;
      return [
        problemAt(resource, [...path, ...pathOfPointer(fault.pointer)], {
          part: 'key',
          message,
          suggestion: fault.suggestion,
        }),
      ];
    }
  });
};

function isOfEvents(kind: Kind): boolean {
  return kind === 'Topic' || kind === 'Queue';
}

const OF_EVENTS_ALONE =
  '"x-sensitive" has an effect in the schema of a Topic or a Queue alone. Remove it from this one.';

export const patternsCompile: Check = ({ declared }) =>
  declared.flatMap(resource => {
    const list = LISTS[resource.kind];
    if (list === undefined) return [];
    return membersAt(resource, ['spec', list]).flatMap(([index]) =>
      wrongPatterns(resource, ['spec', list, Number(index), 'match']),
    );
  });

const LISTS: { readonly [K in Kind]?: string } = { Api: 'routes', Strangler: 'features' };
const CONDITIONS = ['headers', 'query', 'cookies'] as const;

function membersAt(resource: Declared, path: Path): [name: string, value: unknown][] {
  const value = valueAt(resource.manifest, path);
  return typeof value === 'object' && value !== null ? Object.entries(value) : [];
}

function wrongPatterns(resource: Declared, match: Path): ResourceProblem[] {
  return CONDITIONS.flatMap(group =>
    membersAt(resource, [...match, group]).flatMap(([name]) => {
      const path = [...match, group, name, 'pattern'];
      const pattern = soundAt(resource, path);
      if (typeof pattern !== 'string') return [];
      try {
        compilePattern(pattern);
        return [];
      } catch (error) {
        const reason = error instanceof Error ? error.message : 'it does not compile';
        const message = `This is not a regular expression that RE2 knows: ${reason}.`;
        return [problemAt(resource, path, { message })];
      }
    }),
  );
}
