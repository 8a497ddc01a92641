// Every JSON Schema must compile, and every pattern that requests are matched with.
import { createSchemaCompiler, schemaFaultOf } from '../../core/json-schema/json-schema.ts';
import { compilePattern } from '../../core/patterns.ts';
import { pathOfPointer } from '../load/path.ts';
import type { AnyResource, Path, ResourceProblem } from '../resource.ts';
import { type Check, problemAt } from './check.ts';

export const schemasCompile: Check = ({ marked }) => {
  // The kinds hold every schema against its draft when they are loaded.
  const compile = createSchemaCompiler({ draftChecked: true });
  return marked.flatMap(({ resource, path, value, marks }) => {
    if (!marks.jsonSchema) return [];
    try {
      compile(value);
      return [];
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

export const patternsCompile: Check = ({ resources }) => [
  ...resources
    .ofKind('Api')
    .flatMap(api =>
      api.spec.routes.flatMap((route, index) => wrongPatterns(api, ['spec', 'routes', index, 'match'], route.match)),
    ),
  ...resources
    .ofKind('Strangler')
    .flatMap(strangler =>
      strangler.spec.features.flatMap((feature, index) =>
        wrongPatterns(strangler, ['spec', 'features', index, 'match'], feature.match),
      ),
    ),
];

const CONDITIONS = ['headers', 'query', 'cookies'] as const;

function wrongPatterns(
  resource: AnyResource,
  path: Path,
  match: { readonly [K in (typeof CONDITIONS)[number]]?: object | undefined },
): ResourceProblem[] {
  return CONDITIONS.flatMap(group =>
    Object.entries(match[group] ?? {}).flatMap(([name, wanted]: [string, unknown]) => {
      const pattern = typeof wanted === 'object' && wanted !== null && 'pattern' in wanted ? wanted.pattern : undefined;
      if (typeof pattern !== 'string') return [];
      try {
        compilePattern(pattern);
        return [];
      } catch (error) {
        const reason = error instanceof Error ? error.message : 'it does not compile';
        const message = `This is not a regular expression that RE2 knows: ${reason}.`;
        return [problemAt(resource, [...path, group, name, 'pattern'], { message })];
      }
    }),
  );
}
