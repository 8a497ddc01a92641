// `const` and `enum` for values with any members: Ajv calls `valueOf` and `toString` of the data,
// which may be members of it.
import { _, type Ajv } from 'ajv';
import { canonical } from './unique-items.ts';

export function addSafeEquality(ajv: Ajv): void {
  ajv.removeKeyword('const');
  ajv.addKeyword({
    keyword: 'const',
    compile: (value: unknown) => isOneOf([value]),
    error: { message: 'must be another value', params: ({ schemaCode }) => _`{allowedValue: ${schemaCode}}` },
  });
  ajv.removeKeyword('enum');
  ajv.addKeyword({
    keyword: 'enum',
    schemaType: 'array',
    compile: isOneOf,
    error: { message: 'must be another value', params: ({ schemaCode }) => _`{allowedValues: ${schemaCode}}` },
  });
}

function isOneOf(values: readonly unknown[]): (data: unknown) => boolean {
  const scalars = new Set(values.filter(value => !isComposed(value)));
  const composed = new Set(values.filter(isComposed).map(canonical));
  return data => (isComposed(data) ? composed.size > 0 && composed.has(canonical(data)) : scalars.has(data));
}

function isComposed(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}
