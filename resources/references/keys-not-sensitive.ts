// Keys that are made of sensitive values: a warning, as people see the keys of events.
import { compileTemplate } from '../../core/cel/template.ts';
import { createSchemaCompiler } from '../../core/json-schema/json-schema.ts';
import { maskerOf } from '../../core/json-schema/sensitive.ts';
import type { Resource } from '../resource.ts';
import { type Check, problemAt } from './check.ts';
import { scopeOf } from './scopes.ts';

export const keysNotSensitive: Check = ({ resources }) => {
  const compile = createSchemaCompiler({ draftChecked: true });
  return [...resources.ofKind('Topic'), ...resources.ofKind('Queue')].flatMap(resource => {
    const { key, schema } = resource.spec;
    const found = key === undefined ? undefined : sensitiveIn(key, schema, compile);
    if (found === undefined) return [];
    const message = `Everybody who looks at events sees their keys, and ${found} is sensitive. Take another value, such as an id, or a hash of several values.`;
    return [problemAt(resource, ['spec', 'key'], { severity: 'warning', message })];
  });
};

type Schema = Resource<'Topic'>['spec']['schema'];

/** Undefined also where the key or the schema is wrong: other checks tell that. */
function sensitiveIn(
  key: string,
  schema: Schema,
  compile: ReturnType<typeof createSchemaCompiler>,
): string | undefined {
  try {
    const masker = maskerOf(schema, compile);
    if (masker === undefined || HASHED.test(key)) return undefined;
    const { references } = compileTemplate(key, scopeOf('event'), { expected: 'string', whole: true });
    return references.find(each => each.startsWith(DATA) && masker.masks(each.slice(DATA.length).split('.')));
  } catch {
    return undefined;
  }
}

const DATA = 'event.data.';
const HASHED = /\bhash\(/;
