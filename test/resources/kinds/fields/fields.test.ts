// The shared pieces of the kinds: what each takes, what it makes of it, and what it refuses.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type * as z from 'zod';
import { formatDuration } from '../../../../core/units/duration.ts';
import { hedge } from '../../../../resources/kinds/calls/protection.ts';
import { expression, wordsOrExpression } from '../../../../resources/kinds/fields/expression.ts';
import { json, jsonSchema } from '../../../../resources/kinds/fields/json.ts';
import { headerName, identifier, label, subdomain } from '../../../../resources/kinds/fields/names.ts';
import { targets } from '../../../../resources/kinds/fields/target.ts';
import { countOrPercent, duration, percent, rate, size } from '../../../../resources/kinds/fields/units.ts';
import { httpUrl } from '../../../../resources/kinds/fields/url.ts';
import { hostPattern, plainPath, routePath, sticky } from '../../../../resources/kinds/routes/http.ts';

/** `taken` maps what is written to what it becomes; `refused` lists what is not valid. */
interface Case {
  readonly name: string;
  readonly schema: z.ZodType;
  readonly taken: readonly (readonly [written: unknown, becomes?: unknown])[];
  readonly refused: readonly unknown[];
}

const nested = (depth: number): unknown => (depth === 0 ? 1 : [nested(depth - 1)]);

const cases: readonly Case[] = [
  {
    name: 'duration',
    schema: duration({ min: '1s', max: '1h' }),
    taken: [
      ['1s', 1000],
      ['1m30s', 90_000],
      ['0.5h', 1_800_000],
      ['60m', 3_600_000],
    ],
    refused: ['999ms', '61m', '1', 's', '-1s', ' 1s', '1 s', '1S', '1w', '', 5, null, `${'1s'.repeat(20)}`],
  },
  {
    name: 'rate',
    schema: rate(),
    taken: [
      ['100/s', { count: 100, periodMs: 1000 }],
      ['0.5/m', { count: 0.5, periodMs: 60_000 }],
    ],
    refused: ['100', '0/s', '/s', '100/w', '100/ s', 100],
  },
  {
    name: 'percent',
    schema: percent(),
    taken: [
      ['0%', 0],
      ['0.1%', 0.001],
      ['100%', 1],
    ],
    refused: ['100.1%', '50', '-1%', '%', 0.5],
  },
  {
    name: 'size',
    schema: size(),
    taken: [
      ['1Mi', 1_048_576],
      ['10k', 10_000],
      ['0', 0],
      [1024, 1024],
    ],
    refused: ['1MB', '1.5Mi', '-1', -1, 1.5, '', 'Mi'],
  },
  {
    name: 'count or percentage',
    schema: countOrPercent(),
    taken: [
      [0, { count: 0 }],
      [3, { count: 3 }],
      ['5%', { fraction: 0.05 }],
    ],
    refused: ['3', -1, 0.5, '101%'],
  },
  {
    name: 'hedge',
    schema: hedge(),
    taken: [
      [{ after: 'p95' }, { after: { percentile: 0.95 }, max: 1 }],
      [
        { after: '50ms', max: 2 },
        { after: { ms: 50 }, max: 2 },
      ],
    ],
    refused: [{ after: 'p5' }, { after: 'p100' }, { after: '50' }, { max: 4 }],
  },
  {
    name: 'label',
    schema: label(),
    taken: [['a'], ['a-1'], ['1a']],
    refused: ['A', 'a.b', 'a-', '-a', '', 'a'.repeat(64), 'a_b', 'a\n'],
  },
  {
    name: 'subdomain',
    schema: subdomain(),
    taken: [['a'], ['orders.created'], ['a.b-c.d']],
    refused: ['.a', 'a.', 'a..b', 'a.-b', 'A.b'],
  },
  {
    name: 'identifier',
    schema: identifier(),
    taken: [['order'], ['_a'], ['a1']],
    refused: ['1a', 'a-b', 'in', 'namespace', 'true', ''],
  },
  {
    name: 'header name',
    schema: headerName(),
    taken: [['x-a'], ['content-type'], ['x_a']],
    refused: ['X-A', 'a b', 'a:', '', 'a\r\nb'],
  },
  {
    name: 'URL',
    schema: httpUrl(),
    taken: [['http://a'], ['https://a.b:8443/c/d'], ['http://[::1]:80/']],
    refused: [
      'a',
      '//a',
      'ftp://a',
      'http://',
      'http://u:p@a',
      'http://a?b',
      'http://a#b',
      'http://a:99999',
      'http://a b',
      'javascript:alert(1)',
    ],
  },
  {
    name: 'path of a route',
    schema: routePath(),
    taken: [[''], ['/'], ['/*'], ['/a/:id'], ['/a/:id/b/*'], ['/a%20b'], ['/a.b~c'], ['/a/']],
    refused: ['a', '/a/*/b', '/a*', '/:', '/:1', '/:id(\\d+)', '/:a/:a', '/a?b', '/a b', '/a%2', '/a#b', '/:a-:b'],
  },
  {
    name: 'path without parameters',
    schema: plainPath(),
    taken: [['/'], ['/shop'], ['/shop/v2']],
    refused: ['', 'shop', '/shop/', '//', '/:id', '/*', '/a?b'],
  },
  {
    name: 'host',
    schema: hostPattern(),
    taken: [['a'], ['api.example.com'], ['*.example.com']],
    refused: ['*', 'a.*', '*.*.com', 'A.com', 'a:80', 'a_b', ''],
  },
  {
    name: 'stickiness',
    schema: sticky(),
    taken: [['ip'], ['cookie:sid'], ['header:x-user']],
    refused: ['cookie', 'cookie:', 'query:a', 'cookie:a;b'],
  },
  {
    name: 'expression',
    schema: expression('event', 'bool'),
    taken: [['${a}'], ['${a ==\n b}'], ["${ {'a': 1} }"]],
    refused: ['a', '${}', 'x ${a}', '${a} x', '', true, `\${${'a'.repeat(5000)}}`],
  },
  {
    name: 'words or expression',
    schema: wordsOrExpression('request', ['ip', 'all'], ['header']),
    taken: [['ip'], ['header:x-a'], ['${claims.sub}']],
    refused: ['user', 'header:', 'ip ', '${}'],
  },
  {
    name: 'JSON',
    schema: json(),
    taken: [[null], [false], [[1, 'a', { b: null }]]],
    refused: [undefined, Number.NaN, [() => 0], nested(100)],
  },
  {
    name: 'JSON Schema',
    schema: jsonSchema(),
    taken: [
      [{}],
      [{ type: 'object', $defs: { a: {} } }],
      [{ $schema: 'http://json-schema.org/draft-07/schema#', definitions: { a: true } }],
    ],
    refused: ['object', true, [], { type: 'strnig' }, { required: 'a' }, { properties: { a: 5 } }],
  },
  {
    name: 'targets',
    schema: targets(),
    taken: [[{ function: 'a' }], [[{ url: 'http://a', weight: 1 }]], [{ topic: 'orders.created' }]],
    refused: [
      {},
      [],
      'a',
      { function: 'a', url: 'http://a' },
      [{ function: 'a' }],
      [{ function: 'a', weight: 0 }],
      { function: 'a', weight: 1 },
    ],
  },
];

describe('fields', () => {
  for (const { name, schema, taken, refused } of cases) {
    for (const [written, becomes = written] of taken) {
      it(`${name} takes ${text(written)}`, () => assert.deepEqual(schema.parse(written), becomes));
    }
    for (const wrong of refused) {
      it(`${name} refuses ${text(wrong)}`, () => assert.equal(schema.safeParse(wrong).success, false));
    }
  }

  it('duration takes whatever a duration is printed as', () => {
    fc.assert(fc.property(fc.nat(10 ** 12), ms => duration().parse(formatDuration(ms)) === ms));
  });

  it('path of a route answers at once, whatever it is asked', () => {
    const attack = `/${'a'.repeat(500)}${'/:a'.repeat(150)}(`;
    const started = process.hrtime.bigint();
    assert.equal(routePath().safeParse(attack).success, false);
    assert.ok(process.hrtime.bigint() - started < 1_000_000_000n);
  });
});

function text(value: unknown): string {
  const json = JSON.stringify(value) ?? String(value);
  return json.length > 60 ? `${json.slice(0, 60)}…` : json;
}
