// Chooses what compiles a schema. Each library is loaded when the first schema of its kind comes.
import { loadOptional } from '../../../../core/packages/optional-package.ts';
import type { DataSchema, SchemaText } from './data-schema.ts';

/** Rejects with what is wrong with the schema. */
export async function compileSchema(schema: SchemaText): Promise<DataSchema> {
  switch (schema.type) {
    case 'AVRO':
      return (await loadOptional('avsc', 'A schema in Avro', () => import('./avro/avro-schema.ts'))).compileAvro(
        schema,
      );
    case 'PROTOBUF':
      return (
        await loadOptional('protobufjs', 'A schema in Protocol Buffers', () => import('./protobuf-schema.ts'))
      ).compileProtobuf(schema);
    case 'JSON':
      return (await import('./json-schema.ts')).compileJson(schema);
  }
}
