// Data in Protocol Buffers, as ProtoJSON. Which message of its schema a record
// holds stands in front of it.
import protobuf, { type Type } from 'protobufjs';
import protojson from 'protobufjs/ext/protojson.js';
import type { DataSchema, SchemaText } from './data-schema.ts';

export function compileProtobuf({ text, references }: SchemaText): DataSchema {
  const root = new protobuf.Root();
  const imported = new Set<string>();
  const add = (source: string) => {
    // The parser must not look for files: what is imported is given, or one of Google's own.
    const { imports = [], weakImports = [], package: name } = protobuf.parse(source, root, { keepCase: false });
    for (const file of [...imports, ...weakImports]) {
      const common = protobuf.common.get(file);
      if (common?.nested && !imported.has(file)) root.addJSON(common.nested);
      imported.add(file);
    }
    return name;
  };
  for (const reference of references) add(reference.text);
  const before = new Set(typesOf(root));
  add(text);
  root.resolveAll();
  // In the order in which they are declared.
  const own = typesOf(root).filter(type => !before.has(type));
  const messageAt = (path: readonly number[]): Type => {
    const [first = 0, ...rest] = path;
    let type = own[first];
    for (const index of rest) type = type && typesOf(type)[index];
    if (!type) throw new Error(`its schema has no message ${path.join('/')}`);
    return type;
  };
  return {
    contentType: 'application/protobuf',
    decode(bytes) {
      const { path, end } = readPath(bytes);
      const type = messageAt(path);
      return JSON.stringify(protojson.toJson(type, type.decode(bytes.subarray(end))));
    },
    encode(data) {
      const type = messageAt([0]);
      // 0 is short for the first message.
      return Buffer.concat([Buffer.from([0]), type.encode(protojson.fromJson(type, data)).finish()]);
    },
  };
}

/** Messages right below, but those of other packages are none of the file's. */
function typesOf(parent: protobuf.NamespaceBase): Type[] {
  return parent.nestedArray.flatMap(each => {
    if (each instanceof protobuf.Type) return [each];
    // Packages are not messages; below a message there are none.
    return each instanceof protobuf.Namespace && !(parent instanceof protobuf.Type) && !isGoogle(each)
      ? typesOf(each)
      : [];
  });
}

const isGoogle = ({ fullName }: protobuf.Namespace) => fullName === '.google';

const MOST_LEVELS = 32;

/** How many indexes, then those, as zigzag varints; a lone 0 stands for the first message. */
function readPath(bytes: Buffer): { readonly path: readonly number[]; readonly end: number } {
  let end = 0;
  const next = () => {
    let value = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = bytes[end++];
      if (byte === undefined) break;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return (value >>> 1) ^ -(value & 1);
    }
    throw new Error('what says which message it is cannot be read');
  };
  const count = next();
  if (count === 0) return { path: [0], end };
  if (count < 0 || count > MOST_LEVELS) throw new Error('what says which message it is cannot be read');
  return { path: Array.from({ length: count }, next), end };
}
