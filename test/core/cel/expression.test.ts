// What core/cel/expression.ts promises.
import assert from 'node:assert/strict';
import { compileExpression, type Expected } from '../../../core/cel/expression.ts';
import { faultOf } from '../../../core/cel/fault.ts';
import { createScope } from '../../../core/cel/scope.ts';
import { eventType, paramsType, requestType, responseType } from '../../../core/cel/shapes.ts';
import { TenfoldError } from '../../../core/errors.ts';

const scope = createScope({ event: eventType, request: requestType, params: paramsType, order: responseType });

const event = {
  id: '17',
  source: '/shop',
  type: 'OrderCreated',
  specversion: '1.0',
  time: '2026-03-01T10:00:00Z',
  partitionkey: 'k7',
  data: {
    total: 12.5,
    count: 12,
    name: 'Ada',
    none: null,
    ok: true,
    tags: ['a', 'b'],
    mixed: ['a', 1],
    prices: [1, 2.5],
    nested: { deep: { id: 'x' } },
    'dashed-name': 1,
  },
};

describe('evaluating an expression', () => {
  const rows: readonly [name: string, source: string, expected: Expected, value: unknown][] = [
    ['a JSON fraction is above an int literal', 'event.data.total > 10', 'bool', true],
    ['a whole JSON number is above an int literal', 'event.data.count > 10', 'bool', true],
    ['a whole JSON number equals an int literal', 'event.data.count == 12', 'bool', true],
    ['an int literal equals a whole JSON number', '12 == event.data.count', 'bool', true],
    ['a JSON fraction differs from an int literal', 'event.data.total == 12', 'bool', false],
    ['a JSON number is in a list of int literals', 'event.data.count in [11, 12]', 'bool', true],
    ['a list of JSON numbers equals a list of literals', 'event.data.prices == [1, 2.5]', 'bool', true],
    ['a JSON number and an int literal add up', 'event.data.count + 1', 'number', 13],
    ['an int literal and a JSON number multiply', '2 * event.data.total', 'number', 25],
    ['a JSON number has a remainder', 'event.data.count % 5 == 2', 'bool', true],
    ['a JSON number is divided without loss', 'event.data.count / 8', 'number', 1.5],
    ['int literals divide to an int', '7 / 2', 'number', 3],
    ['subtraction keeps its parentheses', '1 - (2 - 3)', 'number', 2],
    ['both sides of && hold', "event.type == 'OrderCreated' && event.data.total > 10", 'bool', true],
    [
      'an error on one side of || does not matter when the other holds',
      'event.data.missing > 1 || event.data.ok',
      'bool',
      true,
    ],
    ['null is null', 'event.data.none == null', 'bool', true],
    ['text differs from a number', "event.data.count == 'x'", 'bool', false],
    ['has() tells that a member is missing', 'has(event.data.missing)', 'bool', false],
    ['an optional member falls back', 'event.data.?missing.orValue(3)', 'number', 3],
    ['a member with a dash is read in brackets', "event.data['dashed-name']", 'number', 1],
    ['an extension attribute is read by its name', 'event.partitionkey', 'string', 'k7'],
    ['a number becomes text where text is needed', 'event.data.count', 'string', '12'],
    [
      'a timestamp becomes milliseconds',
      "timestamp(event.time) + duration('1m')",
      'timestamp',
      Date.UTC(2026, 2, 1, 10, 1),
    ],
    ['text in RFC 3339 becomes milliseconds', 'event.time', 'timestamp', Date.UTC(2026, 2, 1, 10)],
    ['a list of text is mapped', "event.data.tags.map(t, t + '!')", 'list', ['a!', 'b!']],
    ['a list is filtered by type', 'event.data.mixed.filter(m, type(m) == string)', 'list', ['a']],
    ['an object literal holds ints as numbers', "{'id': event.id, 'n': [1, 2u]}", 'map', { id: '17', n: [1, 2] }],
    ['bytes become base64', "b'abc'", 'any', 'YWJj'],
    ['emoji survive', "'😀'.size() == 1 ? '😀' : ''", 'string', '😀'],
    ['a name is bound', 'cel.bind(n, event.data.count, n + n)', 'number', 24],
    ['part of a text matches a pattern', "event.data.name.matches('d')", 'bool', true],
    ['matches() is a function as well', "matches(event.data.name, '^A')", 'bool', true],
    ['a pattern may be computed', 'event.data.name.matches(event.data.tags[0])', 'bool', true],
    ['a pattern is found inside a loop', "event.data.tags.exists(t, t.matches('^b$'))", 'bool', true],
    ['fractions of durations count', "duration('1.5s') == duration('1500ms')", 'bool', true],
    ['a duration may be negative', "duration('-90m') < duration('0s')", 'bool', true],
  ];
  for (const [name, source, expected, value] of rows) {
    it(name, () => {
      assert.deepEqual(compileExpression(source, scope, expected).evaluate({ event }), value);
    });
  }

  it('gives JSON data back uncopied', () => {
    assert.equal(compileExpression('event.data', scope).evaluate({ event }), event.data);
  });

  it('starts with a fresh budget every time', () => {
    const expression = compileExpression('event.data.all(x, x > 0)', scope, 'bool');
    const data = Array.from({ length: 60_000 }, () => 1);
    for (let run = 0; run < 20; run++) assert.equal(expression.evaluate({ event: { data } }), true);
  });
});

describe('an expression that cannot work', () => {
  const rows: readonly [
    name: string,
    source: string,
    expected: Expected,
    at: string,
    reason: RegExp,
    suggestion?: string,
  ][] = [
    ['unknown variable', "1 == 1 && evnt.type == 'x'", 'bool', 'evnt', /no variable "evnt"/, 'event'],
    ['mistyped attribute of an event', 'event.tpye', 'any', 'tpye', /no attribute "tpye"/, 'type'],
    ['unknown member of a request', 'request.heders', 'any', 'heders', /no member "heders"/, 'headers'],
    ['unknown member of a response', 'order.bdy.id', 'any', 'bdy', /no member "bdy"/, 'body'],
    ['member that no event can have', 'event.NotAnExtension', 'any', 'NotAnExtension', /no member/],
    ['unknown method', "event.type.startWith('x')", 'bool', 'event', /no method "startWith"/, 'startsWith'],
    ['unknown function', 'sizeof(event.type)', 'any', 'sizeof', /no function "sizeof"/, 'size'],
    ['method with wrong arguments', 'event.type.contains(1)', 'bool', 'event', /cannot be called as/],
    ['text where a boolean is needed', ' event.type', 'bool', 'event.type', /gives text, but true or false is needed/],
    [
      'boolean where a number is needed',
      'event.type == event.id',
      'number',
      'event',
      /gives true or false, but a number/,
    ],
    ['optional where a value is needed', 'event.data.?x', 'any', 'event', /\.orValue/],
    ['type where a value is needed', 'type(1)', 'any', 'type(1)', /gives a type/],
    [
      'operator on different types',
      "event.type + 1 == ''",
      'bool',
      'event.type + 1',
      /"\+" does not work on text and a whole number/,
    ],
    ['condition that is no boolean', 'event.type ? 1 : 2', 'any', 'event.type', /must be bool/],
    ['syntax error at the end', '1 +', 'any', '', /ends too early/],
    [
      'pattern that does not compile',
      "event.type.matches('a(')",
      'bool',
      "'a('",
      /regular expression does not compile/,
    ],
    [
      'pattern with a look-behind',
      "event.type.matches('(?<=a)b')",
      'bool',
      "'(?<=a)b'",
      /regular expression does not compile/,
    ],
    ['invented name of ours', "event.type.matchesˑre2('x')", 'bool', 'ˑ', /Unexpected character/],
    ['nothing', '  ', 'any', ' ', /empty/],
    ['has(…) of a variable', 'has(event)', 'any', 'event', /^The function has\(…\) needs a member/],
    ['has(…) of a number', 'has(1)', 'any', '1', /^The function has\(…\) needs a member/],
    ['items without a name', '[1].map(1, 2)', 'any', '1', /^The first argument of map\(…\) has to be a name/],
    ['a condition on items', '[1].all(x, 1)', 'any', '', /^The condition in all\(…\) has to return bool, got 'int'/],
    [
      'a value without a name',
      'cel.bind(1, 2, 3)',
      'any',
      '',
      /^The first argument of cel\.bind\(…\) has to be a name/,
    ],
    ['optional.or(…) of a number', 'optional.of(1).or(1)', 'any', '', /^The argument of optional\.or\(…\) must be/],
    ['an escape that bytes do not have', 'b"\\u1234"', 'any', '', /^The escape \\u is not allowed/],
  ];
  for (const [name, source, expected, at, reason, suggestion] of rows) {
    it(`is refused at compile: ${name}`, () => {
      const fault = faultOf(thrownBy(() => compileExpression(source, scope, expected)));
      assert.match(fault?.reason ?? 'compiled', reason);
      assert.equal(source.slice(fault?.offset).slice(0, at.length), at);
      assert.equal(fault?.suggestion, suggestion);
    });
  }

  it('is an invalid-expression that carries its place', () => {
    const error = thrownBy(() => compileExpression('evnt', scope));
    assert.ok(error instanceof TenfoldError);
    assert.equal(error.code, 'invalid-expression');
    assert.equal(error.extensions['offset'], 0);
    assert.match(error.message, /"evnt".*Did you mean "event"/);
  });
});

describe('an evaluation that fails', () => {
  const rows: readonly [name: string, source: string, expected: Expected, reason: RegExp][] = [
    ['missing member', 'event.data.missing > 1', 'bool', /"event\.data\.missing": a member does not exist/],
    ['computed key', "event.data.nested[event.data.secret] == 'x'", 'bool', /a member does not exist/],
    ['text compared with a number', 'event.data.secret > 10', 'bool', /an operator does not work/],
    ['wrong type for the place', 'event.data.secret', 'bool', /has to give true or false, but gave text/],
    ['object where text is needed', 'event.data.nested', 'string', /has to give text, but gave an object/],
    ['null where a number is needed', 'event.data.none', 'number', /has to give a number, but gave null/],
    ['text that is no number', 'int(event.data.secret)', 'number', /has a type or form/],
    ['text that is no time', 'event.data.secret', 'timestamp', /has to give a timestamp/],
    ['text that is no duration', "duration(event.data.secret) > duration('1s')", 'bool', /duration/],
    ['text that is no pattern', "'x'.matches(event.data.bad)", 'bool', /regular expression is not valid/],
    ['variable without a value', 'request.path', 'string', /a variable has no value/],
    ['integer beyond what JSON can hold', '9007199254740993', 'number', /within ±2\^53/],
    ['whole number that lost digits', 'event.data.large', 'string', /text, or a whole number of at most 39 digits/],
    ['division by zero', '1 / 0', 'number', /divided by zero/],
    ['time zone that does not exist', 'timestamp(event.time).getHours(event.data.secret)', 'any', /time zone/],
  ];
  const secret = 'hunter2-secret';
  const large = JSON.parse('12345678901234567890');
  for (const [name, source, expected, reason] of rows) {
    it(`names the expression and shows no data: ${name}`, () => {
      const expression = compileExpression(source, scope, expected);
      const error = thrownBy(() =>
        expression.evaluate({ event: { ...event, data: { ...event.data, secret, bad: `${secret}(`, large } } }),
      );
      assert.ok(error instanceof TenfoldError);
      assert.equal(error.code, 'expression-failed');
      assert.match(error.message, reason);
      assert.ok(error.message.includes(source.slice(0, 60)));
      assert.ok(!JSON.stringify([error.message, error.cause, error.extensions]).includes('hunter2'));
    });
  }
});

function thrownBy(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
}
