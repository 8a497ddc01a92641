// Data whose schema in the registry is a JSON Schema: JSON, checked when it is written.
import { isUtf8 } from 'node:buffer';
import { createSchemaCompiler } from '../../../../core/json-schema/json-schema.ts';
import type { DataSchema, SchemaText } from './data-schema.ts';

export function compileJson({ text, references }: SchemaText): DataSchema {
  const schema: unknown = JSON.parse(text);
  let validate: ReturnType<ReturnType<typeof createSchemaCompiler>>['validate'] | undefined;
  const compile = () => {
    if (references.length > 0)
      throw new Error('JSON Schemas that refer to others of the registry cannot be written with.');
    return createSchemaCompiler()(schema).validate;
  };
  return {
    // Not JSON to readers that do not know of the number in front.
    contentType: 'application/octet-stream',
    decode(bytes) {
      if (!isUtf8(bytes)) throw new Error('it is not UTF-8, as JSON must be');
      const json = bytes.toString('utf8');
      JSON.parse(json);
      return json;
    },
    encode(data) {
      validate ??= compile();
      const [first] = validate(data);
      if (first) throw new Error(`${first.pointer ? `at ${first.pointer}` : 'as a whole'} it ${first.message}`);
      return Buffer.from(JSON.stringify(data));
    },
  };
}
