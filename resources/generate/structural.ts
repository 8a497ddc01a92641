// Turns a schema into the structural form that the Kubernetes API server demands of a CRD.
// https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema
import { exactlyOneOfRule } from './cel-rules.ts';
import type { SchemaNode } from './schema-node.ts';

export type Structural = Record<string, unknown>;

/**
 * The API server has no CEL below a field without a type; there, rules must do with
 * the words of JSON Schema.
 */
type Place = 'typed' | 'below-untyped';

/**
 * Defaults are described and not set: a stored object holds what its author wrote, and a
 * later default reaches it.
 */
export function toStructural(node: SchemaNode, place: Place = 'typed'): Structural {
  const description = describe(node);
  if (node.marks?.jsonSchema) return { ...description, type: 'object', ...preserved };
  if (node.marks?.freeForm) return { ...description, ...preserved };
  if (node.marks?.intOrString) return { ...description, ...intOrString(node) };
  if (node.anyOf) return { ...description, ...anyShape(node.anyOf) };
  return { ...description, ...typed(node, place) };
}

const PRESERVE = 'x-kubernetes-preserve-unknown-fields';
const preserved = { [PRESERVE]: true };

function typed(node: SchemaNode, place: Place): Structural {
  const { type, required, minItems, maxItems } = node;
  switch (type) {
    case 'object':
      return {
        type,
        ...members(node, place),
        ...(required && required.length > 0 ? { required } : {}),
        ...(place === 'below-untyped' ? { maxProperties: memberCount(node) } : {}),
        ...validations(node, place),
      };
    case 'array':
      return {
        type,
        ...given({ minItems, maxItems }),
        ...(node.items ? { items: toStructural(node.items, place) } : {}),
        ...(node.marks?.listKey
          ? { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': [node.marks.listKey] }
          : {}),
      };
    case 'string':
    case 'integer':
    case 'number':
    case 'boolean':
      return { type, ...scalar(node), ...validations(node, place) };
    default:
      throw new Error(`A field has the type ${type}, which no CRD can express: ${node.description}`);
  }
}

function members(node: SchemaNode, place: Place): Structural {
  if (node.additionalProperties) {
    const { maxProperties } = node.marks ?? {};
    return { additionalProperties: toStructural(node.additionalProperties, place), ...given({ maxProperties }) };
  }
  const properties = Object.entries(node.properties ?? {});
  return { properties: Object.fromEntries(properties.map(([name, member]) => [name, toStructural(member, place)])) };
}

function scalar({ enum: values, pattern, minLength, maxLength, minimum, maximum, exclusiveMinimum }: SchemaNode) {
  const exclusive = exclusiveMinimum === undefined ? {} : { minimum: exclusiveMinimum, exclusiveMinimum: true };
  return { ...given({ enum: values, pattern, minLength, maxLength, minimum, maximum }), ...exclusive };
}

function validations({ marks, properties, description }: SchemaNode, place: Place): Structural {
  const keys = marks?.exactlyOneOf;
  const rules = marks?.rules?.map(({ cel, message }) => ({ rule: cel, message })) ?? [];
  if (place === 'below-untyped' && rules.length > 0) {
    throw new Error(`A rule stands where the API server cannot check it: ${description}`);
  }
  const seen = place === 'typed' && keys?.every(key => hasType(properties?.[key]));
  const all = keys && seen ? [exactlyOneOfRule(keys), ...rules] : rules;
  return {
    ...(keys && !seen ? { oneOf: keys.map(key => ({ required: [key] })) } : {}),
    ...(all.length > 0 ? { 'x-kubernetes-validations': all } : {}),
  };
}

/** CEL does not see members without a type. */
function hasType(node: SchemaNode | undefined): boolean {
  return node !== undefined && toStructural(node)[PRESERVE] === undefined;
}

/**
 * Each bound looks at values of its own type only, so those of both
 * alternatives can stand together.
 */
function intOrString(node: SchemaNode): Structural {
  const bounds = Object.assign({}, ...(node.anyOf ?? []).map(scalar));
  return { 'x-kubernetes-int-or-string': true, ...bounds };
}

/**
 * A field that may have one of several JSON types has no type in a structural schema. Its
 * alternatives are told apart by bounds that are empty truths for other types: `maxLength: 0`
 * refuses texts only, `maxItems: 0` lists only, `maxProperties: 0` objects only. So each
 * alternative refuses all shapes but its own, and exactly one must hold. Numbers and booleans are
 * refused because for them every alternative holds.
 */
function anyShape(alternatives: readonly SchemaNode[]): Structural {
  const fields: Structural = { ...preserved, minLength: 1, minItems: 1, minProperties: 1 };
  const branches = alternatives.flatMap(alternative => {
    const { type, oneOf: _oneOf, enum: values, properties, items, ...bounds } = typed(alternative, 'below-untyped');
    Object.assign(fields, given({ properties, items }));
    const pattern = Array.isArray(values) ? { pattern: `^(${values.join('|')})$` } : {};
    const branch = { ...othersRefused(type), ...bounds, ...pattern };
    const required = alternative.required ?? [];
    const keys = alternative.marks?.exactlyOneOf;
    return keys ? keys.map(key => ({ ...branch, required: [key, ...required] })) : [branch];
  });
  return { ...fields, oneOf: branches };
}

/**
 * How many members an object has that has all it must have. Below a field without a type, unknown
 * members are kept and not reported, so their number must leave no room for any.
 */
function memberCount({ marks, properties = {}, required = [], description }: SchemaNode): number {
  const keys = marks?.exactlyOneOf ?? [];
  if (Object.keys(properties).length !== required.length + keys.length) {
    throw new Error(
      `An object has optional members, beside which the API server would keep unknown ones: ${description}`,
    );
  }
  return required.length + Math.min(keys.length, 1);
}

function othersRefused(type: unknown): Structural {
  return {
    ...(type === 'string' ? {} : { maxLength: 0 }),
    ...(type === 'array' ? {} : { maxItems: 0 }),
    ...(type === 'object' ? {} : { maxProperties: 0 }),
  };
}

function describe({ description, default: value }: SchemaNode): Structural {
  const text =
    value === undefined ? description : `${description} Default: ${JSON.stringify(value).replaceAll('"', '')}.`;
  return given({ description: text });
}

function given(fields: Structural): Structural {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
