// Chooses what compiles a schema. Each library is loaded when the first schema of its kind comes.
import type { DataSchema, SchemaText } from './data-schema.ts';

/** Rejects with what is wrong with the schema. */
export async function compileSchema(schema: SchemaText): Promise<DataSchema> {
  switch (schema.type) {
    case 'AVRO':
      return (await import('./avro/avro-schema.ts')).compileAvro(schema);
    case 'PROTOBUF':
      return (await import('./protobuf-schema.ts')).compileProtobuf(schema);
    case 'JSON':
      return (await import('./json-schema.ts')).compileJson(schema);
  }
}
