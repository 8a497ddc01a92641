// Types as a reader of messages calls them.

const NAMES: Readonly<Record<string, string>> = {
  bool: 'true or false',
  string: 'text',
  int: 'a whole number',
  uint: 'a whole number',
  double: 'a number',
  null: 'null',
  bytes: 'bytes',
  type: 'a type',
  'google.protobuf.Timestamp': 'a timestamp',
  'google.protobuf.Duration': 'a duration',
};

export function typeInWords(type: string): string {
  if (type.startsWith('list')) return 'a list';
  if (type.startsWith('map')) return 'an object';
  if (type.startsWith('optional')) return 'an optional value';
  return NAMES[type] ?? type;
}

/** Sources longer than this are cut in messages. */
const SHOWN = 120;

export function quoteSource(source: string): string {
  const line = source.replaceAll(/\s+/g, ' ').trim();
  return `"${line.length > SHOWN ? `${line.slice(0, SHOWN)}…` : line}"`;
}
