// Documents of strangers: YAML of resources, JSON of bodies, XML and HTML of answers, Avro and
// Protocol Buffers of topics.
import assert from 'node:assert/strict';
import { compileSchema } from '../../../drivers/event-log/shared/registry/compile-schema.ts';
import type { DataSchema } from '../../../drivers/event-log/shared/registry/data-schema.ts';
import { parseJson } from '../../../gateway/http/parse-json.ts';
import { type Element, readHtml, readXml } from '../../../gateway/strangler/compare/markup.ts';
import { loadText } from '../../../resources/load/load-text.ts';
import { parseDocuments } from '../../../resources/load/parse-documents.ts';
import type { FuzzTarget } from '../fuzz-target.ts';
import { refusedBy } from '../refusals.ts';

const NAMES = [
  'apiVersion: ',
  'kind: ',
  'metadata: ',
  'spec: ',
  'name: ',
  'routes: ',
  'match: ',
  'to: ',
  'path: ',
  'tenfold.dev/v1alpha1',
];

export const yaml: FuzzTarget = {
  name: 'yaml',
  words: [
    ...NAMES,
    '\n',
    '\n  ',
    '\n- ',
    '\n---\n',
    '\t',
    '&a ',
    '*a',
    '<<: *a',
    '!!set ',
    '!!binary ',
    '|\n',
    '>-\n',
    '? ',
    '{',
    '}',
    '[',
    ']',
    '"',
    "'",
    '# ',
    '%YAML 1.1\n',
    '0o7',
    '1e3',
    'no',
    '~',
    '__proto__: ',
    '\ufeff',
    '\x85',
    '${',
    '}',
  ],
  runs: 300,
  run(input) {
    const text = input.toString('utf8');
    const lines = text.split(/\r\n|\r|\n/).length;
    const documents = parseDocuments('a.yaml', text);
    for (const { errors, warnings, origin, value } of documents) {
      for (const { line, column } of [origin, ...[...errors, ...warnings].map(remark => remark.origin)])
        assert.ok(line >= 1 && line <= lines && column >= 1, `line ${line} of ${lines}, column ${column}`);
      if (errors.length === 0) assert.ok(JSON.stringify(value).length < 1e6, 'aliases do not fill the memory');
    }
    const { resources, problems } = loadText('a.yaml', text);
    for (const { line = 1, message } of problems) assert.ok(line <= lines && message.length < 5_000, message);
    const first = documents[0]?.errors[0]?.message ?? problems[0]?.message ?? '';
    return `${documents.length} ${resources.length} ${Math.min(problems.length, 3)} ${first.replaceAll(/"[^"]*"|[0-9]|[^ -~]/g, '').slice(0, 30)}`;
  },
};

export const json: FuzzTarget = {
  name: 'json',
  words: [
    '{',
    '}',
    '[',
    ']',
    '[[[[[[[[',
    ',',
    ':',
    '"',
    '\\',
    '\\u005f',
    '"__proto__":',
    '\\u0000',
    'null',
    '1e999',
    '-0',
    '\ufeff',
    '\xff',
    '\xc3\xa9',
  ],
  runs: 20_000,
  run(input) {
    try {
      const value = parseJson(input);
      assert.deepEqual(value, JSON.parse(input.toString('utf8').replace(/^\ufeff/, '')));
      assertNoPrototype(value);
      return typeof value;
    } catch (error) {
      return refusedBy(error, 'invalid-input');
    }
  },
};

function assertNoPrototype(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  assert.ok(!Object.hasOwn(value, '__proto__'));
  for (const member of Object.values(value)) assertNoPrototype(member);
}

export const markup: FuzzTarget = {
  name: 'markup',
  words: [
    '<',
    '>',
    '</',
    '/>',
    '<a>',
    '</a>',
    '<!--',
    '-->',
    '<![CDATA[',
    ']]>',
    '<?',
    '?>',
    '<!DOCTYPE a [',
    '<p>',
    '<li>',
    '<br>',
    '<script>',
    '</script>',
    ' a="b"',
    "='",
    '&amp;',
    '&#x110000;',
    '&#0;',
    '\x01',
    '\0',
    ' ',
  ],
  runs: 8_000,
  run(input) {
    const text = input.toString('utf8');
    const read = [readXml(text), readHtml(text)];
    for (const element of read) if (element !== undefined) assert.ok(sizeOf(element) <= 2 * text.length + 1);
    const [xml] = read;
    // What is well-formed is so inside another element, too, and means the same there.
    if (xml !== undefined && !/<[?!]/.test(text))
      assert.deepEqual(readXml(`<x>${text}</x>`)?.children[0]?.children, xml.children);
    return read.map(element => (element === undefined ? 'none' : Math.min(sizeOf(element), 8))).join(' ');
  },
};

function sizeOf(element: Element): number {
  return element.children.reduce((sum, child) => sum + sizeOf(child), element.attributes.size + 1);
}

const avro = await compileSchema({
  type: 'AVRO',
  references: [],
  text: JSON.stringify({
    type: 'record',
    name: 'R',
    fields: [
      { name: 'id', type: 'long' },
      { name: 'text', type: ['null', 'string'] },
      { name: 'list', type: { type: 'array', items: ['int', 'R'] } },
      { name: 'map', type: { type: 'map', values: 'double' } },
      { name: 'kind', type: { type: 'enum', name: 'E', symbols: ['A', 'B'] } },
      { name: 'price', type: { type: 'bytes', logicalType: 'decimal', precision: 10_000, scale: 2 } },
      { name: 'fixed', type: { type: 'fixed', name: 'F', size: 2 } },
    ],
  }),
});
const protobuf = await compileSchema({
  type: 'PROTOBUF',
  references: [],
  text: 'syntax = "proto3"; message R { int64 id = 1; string text = 2; repeated R list = 3; map<string, double> map = 4; bytes raw = 5; oneof a { bool flag = 6; uint32 count = 7; } }',
});

export const avroData = dataTarget('avro', avro);
export const protobufData = dataTarget('protobuf', protobuf);

/** What is decoded can be encoded, and is the same then. */
function dataTarget(name: string, schema: DataSchema): FuzzTarget {
  return {
    name,
    words: [
      '\0',
      '\x01',
      '\x02',
      '\x7f',
      '\x80',
      '\xff',
      '\xff\xff\xff\xff\x0f',
      '\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01',
      '\x0a',
      '\x1a\x02',
      '\x02a',
    ],
    runs: 8_000,
    run(input) {
      let text: string;
      try {
        text = schema.decode(input);
      } catch (error) {
        // TextDecoder's error for what is no UTF-8 is a TypeError, too.
        assert.ok(error instanceof Error && (!(error instanceof TypeError) || 'code' in error), String(error));
        return error.message.replaceAll(/[0-9]/g, '').slice(0, 40);
      }
      assert.ok(text.length <= 100 * (input.length + 10), `${text.length} characters of ${input.length} bytes`);
      assert.deepEqual(JSON.parse(schema.decode(Buffer.from(schema.encode(JSON.parse(text))))), JSON.parse(text));
      return `read ${Math.min(text.length >> 4, 8)}`;
    },
  };
}
