// The JSON Schema (draft-07, which yaml-language-server knows best) that gives editors completion, hovers and errors for all ten kinds.

import { metadata } from '../kinds/fields/metadata.ts';
import { API_VERSION, kinds } from '../kinds/index.ts';
import { type Kind, kindNames } from '../kinds/kind-names.ts';
import { GENERATED } from './marker.ts';
import { type SchemaNode, toNode } from './schema-node.ts';

export function editorSchema(): Record<string, unknown> {
  return {
    $comment: GENERATED,
    $schema: 'http://json-schema.org/draft-07/schema#',
    $id: 'https://tenfold.dev/schema/tenfold.schema.json',
    title: 'Tenfold resources',
    type: 'object',
    required: ['apiVersion', 'kind', 'metadata', 'spec'],
    additionalProperties: false,
    properties: {
      apiVersion: { description: `Version of the format: ${API_VERSION}.`, const: API_VERSION },
      kind: { description: kindsText(), enum: kindNames },
      metadata: toEditor(toNode(metadata('Topic'))),
      spec: { description: 'The desired state of the resource.', type: 'object' },
      status: { description: 'The state that the operator saw last; ignored in files.' },
    },
    allOf: kindNames.map(kind => ({
      if: { properties: { kind: { const: kind } }, required: ['kind'] },
      // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
      then: { properties: { metadata: nameSchema(kind), spec: { $ref: `#/definitions/${kind}` } } },
    })),
    definitions: Object.fromEntries(
      kindNames.map(kind => [kind, { ...toEditor(toNode(kinds[kind].spec)), description: kinds[kind].summary }]),
    ),
  };
}

/** The text of the file; the mark is in line 1. */
export function editorSchemaFile(): string {
  return `${JSON.stringify(editorSchema(), null, 1).replace('{\n ', '{')}\n`;
}

/** Without our marks, and with "exactly one of" in the words of JSON Schema. */
function toEditor({
  marks,
  properties,
  items,
  anyOf,
  additionalProperties,
  propertyNames,
  ...rest
}: SchemaNode): Record<string, unknown> {
  return {
    ...rest,
    ...(marks?.jsonSchema ? { type: 'object' } : {}),
    ...(marks?.maxProperties === undefined ? {} : { maxProperties: marks.maxProperties }),
    ...(marks?.exactlyOneOf ? { oneOf: marks.exactlyOneOf.map(key => ({ required: [key] })) } : {}),
    ...(properties ? { properties: mapValues(properties, toEditor) } : {}),
    ...(propertyNames ? { propertyNames: toEditor(propertyNames) } : {}),
    ...(items ? { items: toEditor(items) } : {}),
    ...(anyOf ? { anyOf: anyOf.map(toEditor) } : {}),
    ...(additionalProperties === undefined
      ? {}
      : { additionalProperties: additionalProperties && toEditor(additionalProperties) }),
  };
}

function nameSchema(kind: Kind): Record<string, unknown> {
  const { name } = toNode(metadata(kind)).properties ?? {};
  return name === undefined ? {} : { properties: { name: toEditor(name) } };
}

function kindsText(): string {
  return kindNames.map(kind => `${kind}: ${kinds[kind].summary}`).join('\n\n');
}

function mapValues<T, U>(record: Readonly<Record<string, T>>, map: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}
