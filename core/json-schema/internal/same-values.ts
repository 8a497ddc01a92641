// `const` and `enum` for values with any members: Ajv calls `valueOf` and `toString` of the data,
// which may be members of it.
import { _, type Ajv } from 'ajv';

const WRONG = 'must be another value';

export function addSafeEquality(ajv: Ajv): void {
  ajv.removeKeyword('const');
  ajv.addKeyword({
    keyword: 'const',
    compile: (value: unknown) => isOneOf([value]),
    error: { message: WRONG, params: ({ schemaCode }) => _`{allowedValue: ${schemaCode}}` },
  });
  ajv.removeKeyword('enum');
  ajv.addKeyword({
    keyword: 'enum',
    schemaType: 'array',
    compile(values: readonly unknown[]) {
      if (values.length === 0) throw new Error('enum must have non-empty array');
      return isOneOf(values);
    },
    error: { message: WRONG, params: ({ schemaCode }) => _`{allowedValues: ${schemaCode}}` },
  });
}

function isOneOf(values: readonly unknown[]): (data: unknown) => boolean {
  const scalars = new Set(values.filter(value => !isComposed(value)));
  const composed = values.filter(isComposed);
  return data => (isComposed(data) ? composed.some(value => isSame(value, data)) : scalars.has(data));
}

/** Ends at the first difference, and looks no deeper into `data` than `value` goes. */
function isSame(value: unknown, data: unknown): boolean {
  if (!isComposed(value) || !isComposed(data)) return value === data;
  if (Array.isArray(value) !== Array.isArray(data)) return false;
  const members = Object.entries(value);
  return (
    members.length === Object.keys(data).length &&
    members.every(([name, each]) => Object.hasOwn(data, name) && isSame(each, Reflect.get(data, name)))
  );
}

function isComposed(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
