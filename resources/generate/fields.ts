// All fields of a schema as a flat list, for reference pages and for tests that look at every one.
import type { SchemaNode } from './schema-node.ts';

export interface Field {
  /**
   * The path from the root of the document; `[]` is each item, `*` each member with a name of the
   * user's choice.
   */
  readonly path: string;
  readonly node: SchemaNode;
  readonly required: boolean;
}

export function fieldsOf(node: SchemaNode, path: string): Field[] {
  const named = Object.entries(node.properties ?? {}).flatMap(([name, member]) => {
    const here = `${path}.${name}`;
    return [{ path: here, node: member, required: node.required?.includes(name) ?? false }, ...fieldsOf(member, here)];
  });
  const free = node.additionalProperties ? fieldsOf(node.additionalProperties, `${path}.*`) : [];
  const items = node.items ? fieldsOf(node.items, `${path}[]`) : [];
  // A size or a status is two alternatives of one thing; only alternatives
  // with members have fields.
  const alternatives = (node.anyOf ?? []).flatMap(alternative => fieldsOf(alternative, path));
  return [...named, ...free, ...items, ...alternatives];
}

/** How the reference pages call the type of a field. */
export function typeName(node: SchemaNode): string {
  if (node.marks?.typeName) return node.marks.typeName;
  if (node.enum) return node.enum.map(value => `\`${value}\``).join(', ');
  if (node.items) return `list of ${plural(typeName(node.items))}`;
  if (node.additionalProperties) return `map to ${typeName(node.additionalProperties)}`;
  if (node.type === 'string') return 'text';
  if (node.type === 'boolean') return '`true`, `false`';
  return node.type ?? 'any JSON';
}

/** Names that are themselves enumerations or sentences stay as they are. */
function plural(name: string): string {
  if (name.startsWith('list of ')) return name.replace('list', 'lists');
  return /^[A-Za-z ]+$/.test(name) && !/ or /.test(name) ? `${name}s` : name;
}

/** The range of a number, to stand behind the name of its type. */
export function bounds({ type, minimum, maximum, exclusiveMinimum }: SchemaNode): string {
  if (type !== 'integer' && type !== 'number') return '';
  const least = exclusiveMinimum === undefined ? minimum : `above ${exclusiveMinimum}`;
  if (least !== undefined && maximum !== undefined) return `, ${least} to ${maximum}`;
  return least === undefined ? '' : `, from ${least}`;
}
