// A schema of a registry, compiled: how data that it describes is read from
// bytes and written as such.

export interface DataSchema {
  /** `content-type` of what it writes. */
  readonly contentType: string;
  /** The data as JSON text. Throws what is wrong with the bytes, for people. */
  decode(bytes: Buffer): string;
  /** Throws what about the data does not match, for people, without showing it. */
  encode(data: unknown): Buffer;
}

/**
 * A schema as a registry keeps it, with those that it refers to, each by the name
 * that it is referred to by.
 */
export interface SchemaText {
  readonly type: 'AVRO' | 'PROTOBUF' | 'JSON';
  readonly text: string;
  /** Schemas that are referred to come before those that refer to them. */
  readonly references: readonly { readonly name: string; readonly text: string }[];
}
