// Turns a schema into the structural form that the Kubernetes API server demands of a CRD.
// https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema
import { exactlyOneOfRule } from './cel-rules.ts';
import type { SchemaNode } from './schema-node.ts';

export type Structural = Record<string, unknown>;

/** The API server has no CEL below a field without a type; there, rules must do with the words of JSON Schema. */
type Place = 'typed' | 'below-untyped';

/** Defaults are described and not set: a stored object holds what its author wrote, and a later default reaches it. */
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

/** Each bound looks at values of its own type only, so those of both alternatives can stand together. */
function intOrString(node: SchemaNode): Structural {
  const bounds = Object.assign({}, ...(node.anyOf ?? []).map(scalar));
  return { 'x-kubernetes-int-or-string': true, ...bounds };
}

/**
 * A field that may have one of several JSON types has no type in a structural schema. Its alternatives are told apart by
 * bounds that are empty truths for other types: `maxLength: 0` refuses texts only, `maxItems: 0` lists only, `maxProperties: 0`
 * objects only. So each alternative refuses the types of the others, and exactly one must hold.
 */
function anyShape(alternatives: readonly SchemaNode[]): Structural {
  const fields: Structural = { ...preserved, minLength: 1, minItems: 1, minProperties: 1 };
  const branches: Structural[] = [];
  for (const alternative of alternatives) {
    const others = alternatives.filter(other => other !== alternative).map(refusal);
    const { type: _type, oneOf: _oneOf, properties, items, ...bounds } = typed(alternative, 'below-untyped');
    Object.assign(fields, given({ properties, items }));
    const exclusive = Object.assign({}, ...others);
    const keys = alternative.marks?.exactlyOneOf;
    if (alternative.type !== 'object') branches.push({ ...exclusive, ...bounds });
    else if (keys) branches.push(...exactlyOne(keys, alternative, { ...exclusive, ...bounds }));
    else branches.push({ ...exclusive, ...bounds, maxProperties: Object.keys(alternative.properties ?? {}).length });
  }
  return { ...fields, oneOf: branches };
}

/** One branch for each key; the number of members is bounded, as unknown ones are kept here rather than reported. */
function exactlyOne(keys: readonly string[], node: SchemaNode, base: Structural): Structural[] {
  const further = Object.keys(node.properties ?? {}).length - keys.length;
  return keys.map(key => ({ ...base, required: [key, ...(node.required ?? [])], maxProperties: 1 + further }));
}

function refusal({ type }: SchemaNode): Structural {
  if (type === 'object') return { maxProperties: 0 };
  return type === 'array' ? { maxItems: 0 } : { maxLength: 0 };
}

function describe({ description, default: value }: SchemaNode): Structural {
  const text =
    value === undefined ? description : `${description} Default: ${JSON.stringify(value).replaceAll('"', '')}.`;
  return given({ description: text });
}

function given(fields: Structural): Structural {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
