// Every setting of the configuration: its path, the variable that overrides it, and
// how text becomes a value.
import { type Field, fieldsOf } from '../../resources/generate/fields.ts';
import { type SchemaNode, toNode } from '../../resources/generate/schema-node.ts';
import { SECRET, type SecretReference } from './fields.ts';
import { configSchema } from './schema.ts';

export interface Setting {
  readonly path: readonly string[];
  /** e.g. `TENFOLD_PUBLIC_PORT`. */
  readonly variable: string;
  readonly node: SchemaNode;
}

const NO_READER = { secret: () => '', file: () => '' };

/** All fields of the schema: groups, and fields inside lists, too. */
export function configFields(): Field[] {
  const node = toNode(configSchema(NO_READER));
  return fieldsOf(node, '').map(field => ({ ...field, path: field.path.slice(1) }));
}

export function settingsOf(fields: readonly Field[] = configFields()): Setting[] {
  return fields
    .filter(({ node, path }) => isSetting(node) && !/[[*]/.test(path) && !isInsideSecret(path, fields))
    .map(({ node, path }) => ({ node, path: path.split('.'), variable: variableOf(path) }));
}

export function variableOf(path: string): string {
  return `TENFOLD_${path
    .replace(/(?<=[a-z])(?=[A-Z])/g, '_')
    .replaceAll('.', '_')
    .toUpperCase()}`;
}

export function isSecret(node: SchemaNode): boolean {
  return node.marks?.typeName === SECRET;
}

/**
 * A value as the file would have it. The variable of a secret holds the secret itself, so the value
 * is its location.
 */
export function fromText({ node, variable }: Setting, text: string): unknown {
  if (isSecret(node)) return { env: variable } satisfies SecretReference;
  if (node.items !== undefined) {
    if (text.trimStart().startsWith('[')) return parsed(text);
    return text === '' ? [] : text.split(',').map(part => part.trim());
  }
  if (node.type === 'integer' || node.type === 'number')
    return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
  if (node.type === 'boolean') return text === 'true' ? true : text === 'false' ? false : text;
  return text;
}

function isSetting(node: SchemaNode): boolean {
  return isSecret(node) || node.properties === undefined;
}

function isInsideSecret(path: string, fields: readonly Field[]): boolean {
  const above = path.slice(0, Math.max(0, path.lastIndexOf('.')));
  return fields.some(field => field.path === above && isSecret(field.node));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
