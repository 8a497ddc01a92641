// The functions of expressions: each example of the reference page, and each against another way
// to the same answer.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { compileExpression } from '../../../core/cel/expression.ts';
import { builtIns } from '../../../core/cel/functions/built-in.ts';
import { functionDefinitions } from '../../../core/cel/functions/functions.ts';
import { createBaseEnvironment, writtenNames } from '../../../core/cel/internal/environment.ts';
import { evaluate, inZone, scope } from './evaluate.ts';

describe('an example of the reference page', () => {
  const examples = [...functionDefinitions.flatMap(one => one.examples), ...builtIns.map(one => one.example)];
  for (const [source, value] of examples)
    it(`gives what it says: ${source}`, () => {
      for (const zone of ['UTC', 'America/New_York', 'Asia/Kolkata'])
        inZone(zone, () => assert.deepEqual(evaluate(source), value));
    });

  it('is there for each function, but for those of the library that only serve its types', () => {
    const shown = new Set(
      [...functionDefinitions.flatMap(one => one.examples), ...builtIns.map(one => one.example)]
        .map(([source]) => source)
        .join(' ')
        .match(/\w+(?=\()/g),
    );
    const known = createBaseEnvironment()
      .getDefinitions()
      .functions.map(({ name }) => writtenNames(name));
    assert.deepEqual(
      [...new Set(known)].filter(name => !shown.has(name)),
      [],
    );
  });
});

describe('numbers', () => {
  it('are rounded by the digits that are written, halves away from zero', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1_000_000, max: 1_000_000 }), fc.nat({ max: 4 }), (units, digits) => {
        // In units of one digit more, so that halves come often.
        const value = Number(`${units}e-${digits + 1}`);
        const away = Math.trunc((Math.abs(units) + 5) / 10) * Math.sign(units);
        assert.equal(evaluate('math.round(v, int(w))', { v: value, w: digits }), Number(`${away}e-${digits}`) + 0);
      }),
    );
    for (const [value, digits] of [
      [8_301_688_850_873_407, 1],
      [470_794_169_692_672.75, 2],
      [13_845_911_665_737.105, 3],
    ] as const)
      assert.equal(evaluate('math.round(v, int(w))', { v: value, w: digits }), value);
    assert.throws(() => evaluate('math.round(v, 16)', { v: 1.5 }), /digits/);
    assert.equal(evaluate('math.round(v)', { v: 1e300 }), 1e300);
  });

  it('give the same sum, mean, least and greatest as a loop', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 1 }), numbers => {
        const total = numbers.reduce((sum, one) => sum + one, 0);
        assert.deepEqual(evaluate('[v.sum(), v.avg(), v.min(), v.max()]', { v: numbers }), [
          total,
          total / numbers.length,
          Math.min(...numbers),
          Math.max(...numbers),
        ]);
      }),
    );
  });

  it('of no list, or beside other values, are not guessed', () => {
    assert.equal(evaluate('v.sum()', { v: [] }), 0);
    for (const call of ['avg', 'min', 'max'])
      assert.throws(() => evaluate(`v.${call}()`, { v: [] }), /a list is empty/);
    for (const call of ['sum', 'avg', 'min', 'max'])
      assert.throws(() => evaluate(`v.${call}()`, { v: [1, 'a'] }), /cannot be added or compared/);
    assert.throws(() => evaluate('[9223372036854775807, 1].sum()'), /a number is too large/);
  });
});

describe('a number that is none', () => {
  for (const call of ['v.min()', 'v.max()', 'min(v)', 'max(v[0], v[1])', 'math.least(v[1], v[0])'])
    it(`does not decide by its place: ${call}`, () => {
      for (const v of [
        [Number.NaN, 1],
        [1, Number.NaN],
      ])
        assert.throws(() => evaluate(call, { v }), /a calculation without an answer/);
    });
});

describe('a list that a function can never work with', () => {
  for (const [source, reason] of [
    ["['a'].sum()", /Each item of the list is text\. sum\(\) adds numbers or durations/],
    ['size([1].map(x, sum([x].map(y, string(y)))))', /Each item of the list is text/],
    ["avg([duration('1s')])", /Each item of the list is a duration\. avg\(\) takes numbers/],
    ['max([true])', /Each item of the list is true or false\. min\(\) and max\(\) compare/],
    ["v.map(x, {'a': x}).min()", /Each item of the list is an object/],
  ] as const)
    it(`is refused before anything runs: ${source}`, () => {
      assert.throws(() => compileExpression(source, scope), reason);
    });
});

describe('a number without end', () => {
  for (const source of ['v.sum()', 'v[0] + v[1]', '1.0 / 0.0', "{'n': v.sum()}", '[0.0 / 0.0]'])
    it(`is refused and does not become null: ${source}`, () => {
      assert.throws(() => evaluate(source, { v: [1e308, 1e308] }), /a number that JSON can hold/);
    });
});

describe('texts', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 8 });

  it('are counted in characters, as size() counts', () => {
    fc.assert(
      fc.property(text, fc.nat({ max: 8 }), fc.nat({ max: 8 }), (value, one, other) => {
        const characters = [...value];
        const [start, end] = [Math.min(one, other), Math.max(one, other)];
        if (end > characters.length) {
          assert.throws(
            () => evaluate('v.substring(int(w), int(n))', { v: value, w: start, n: end }),
            /beyond the end/,
          );
          return;
        }
        const cut = evaluate('v.substring(int(w), int(n))', { v: value, w: start, n: end });
        assert.equal(cut, characters.slice(start, end).join(''));
        assert.equal(evaluate('v.charAt(int(w))', { v: value, w: start }), characters[start] ?? '');
        const at = Number(evaluate('v.indexOf(w)', { v: value, w: cut }));
        assert.equal(characters.slice(at, at + end - start).join(''), cut);
      }),
    );
  });

  it('have their parts replaced as one would by hand', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 6 });
    fc.assert(
      fc.property(letters, letters, letters, fc.integer({ min: -1, max: 3 }), (value, part, by, limit) => {
        let [left, done, count] = [value, '', limit < 0 ? Number.POSITIVE_INFINITY : limit];
        for (; count > 0; count--) {
          const at = left.indexOf(part);
          if (at < 0) break;
          done += left.slice(0, at) + by + left.slice(at, at + (part === '' ? 1 : 0));
          if (part === '' && left === '') break;
          left = left.slice(at + Math.max(part.length, 1));
        }
        assert.equal(evaluate('v.replace(text, w, int(n))', { v: value, text: part, w: by, n: limit }), done + left);
      }),
    );
  });

  it('show nothing that has no form in JSON', () => {
    assert.equal(evaluate("'%s'.format([v.?a])", { v: { a: 'Ada' } }), 'Ada');
    assert.equal(
      evaluate("'%s'.format([[timestamp('2026-01-01T00:00:00Z'), b'az', 2u]])"),
      '["2026-01-01T00:00:00Z","az",2]',
    );
    assert.equal(evaluate("'%s'.format([[int('9007199254740993')]])"), '[9007199254740993]');
    for (const value of ['v.?b', 'type(1)', '0.0 / 0.0', 'math', '{"a": v.?b}'])
      assert.throws(() => evaluate(`'%s'.format([${value}])`, { v: {} }), /do not fit each other/, value);
  });

  it('are formatted, or not at all', () => {
    const rows: readonly (readonly [string, unknown[], string])[] = [
      ['%s %s %s', [true, null, 'x'], 'true null x'],
      ['%s', [{ a: [1, 'b'] }], '{"a":[1,"b"]}'],
      ['%d|%x|%X|%o|%b', [12, 255, 255, 8, 5], '12|ff|FF|10|101'],
      ['%.3f|%f|%.1e', [1.5, 2, 12_345], '1.500|2.000000|1.2e+04'],
      ['%x', ['az'], '617a'],
      ['100%%', [], '100%'],
    ];
    for (const [pattern, values, written] of rows)
      assert.equal(evaluate('v.format(w)', { v: pattern, w: values }), written);
    for (const [pattern, values] of [
      ['%s', []],
      ['%s', [1, 2]],
      ['%d', [1.5]],
      ['%d', ['1']],
      ['%q', [1]],
      ['%.99f', [1]],
      ['%', [1]],
      ['%.2d', [1]],
    ] as const)
      assert.throws(() => evaluate('v.format(w)', { v: pattern, w: values }), /do not fit each other/, pattern);
  });
});

describe('base64', () => {
  it('comes back as it was, and is refused where it is none', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), value => {
        assert.equal(evaluate('string(base64.decode(base64.encode(text)))', { text: value }), value);
        const bare = Buffer.from(value).toString('base64').replace(/=+$/, '');
        assert.equal(evaluate('string(base64.decode(text))', { text: bare }), value);
      }),
    );
    for (const wrong of ['a', 'aGVsbG8==', 'a-b_', 'aGVs bG8='])
      assert.throws(() => evaluate('base64.decode(text)', { text: wrong }), /needs text in base64/, wrong);
  });
});

describe('a digest', () => {
  it('is that of the bytes in UTF-8, by each algorithm', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.constantFrom('sha256', 'sha384', 'sha512', 'sha1', 'md5'),
        (text, w) => {
          const hex = createHash(w).update(text).digest('hex');
          assert.equal(evaluate('hash(text, w)', { text, w }), hex);
          assert.equal(evaluate('hash(bytes(text), w)', { text, w }), hex);
        },
      ),
    );
    assert.equal(evaluate("hash(text) == hash(text, 'sha256') && hash(text) == sha256(text)", { text: 'é' }), true);
    assert.throws(() => evaluate('hash(text, w)', { text: 'a', w: 'sha3' }), /hash\(…\) knows "sha256"/);
  });
});

describe('a function of its own name', () => {
  const items = fc.array(fc.oneof(fc.integer(), fc.double({ min: -1e100, max: 1e100, noNaN: true })), {
    minLength: 2,
    maxLength: 4,
  });

  it('gives what the one behind a value or a namespace gives', () => {
    fc.assert(
      fc.property(items, fc.string(), fc.string(), fc.nat({ max: 5 }), (v, text, w, digits) => {
        const pairs = [
          ...['sum', 'avg', 'min', 'max'].map(name => [`${name}(v)`, `v.${name}()`]),
          ...['round', 'floor', 'ceil', 'trunc', 'abs', 'sign'].map(name => [`${name}(v[0])`, `math.${name}(v[0])`]),
          [`round(v[0], ${digits})`, `math.round(v[0], ${digits})`],
          ['min(v[0], v[1])', 'math.least(v[0], v[1])'],
          ['max(v[0], v[1], v[1], v[0])', 'v.filter(x, x in [v[0], v[1]]).max()'],
          ["replace(text, w, 'b')", "text.replace(w, 'b')"],
          ["format('%s', [v])", "'%s'.format([v])"],
          ['base64(text)', 'base64.encode(text)'],
        ];
        for (const [alone, behind] of pairs)
          assert.deepEqual(evaluate(String(alone), { v, text, w }), evaluate(String(behind), { v, text, w }), alone);
      }),
      { numRuns: 30 },
    );
  });

  it('names its forms where a value is not what it takes', () => {
    assert.throws(() => evaluate('sum(v)', { v: 1 }), /values of these types; "sum" takes sum\(list<dyn>\)\.$/);
    assert.throws(
      () => evaluate('v.getHours(w)', { v: 1, w: 'UTC' }),
      /takes Timestamp\.getHours\(\) or Timestamp\.getHours\(string\)/,
    );
  });
});

describe('JSON in bytes', () => {
  it('is refused where it is nested too deep, and not where its texts only look so', () => {
    const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
    assert.equal(evaluate('size(bytes(text).json())', { text: nested(100) }), 1);
    assert.throws(() => evaluate('bytes(text).json()', { text: nested(101) }), /nested more than 100 deep/);
    assert.throws(() => evaluate('bytes(text).json()', { text: nested(50_000) }), /nested more than 100 deep/);
    const text = JSON.stringify([`${'['.repeat(200)}"\\`]);
    assert.equal(evaluate('size(bytes(text).json()[0])', { text }), 202);
  });

  it('of a value that nests too deep for anybody fails as an expression does', () => {
    let value: unknown = 1;
    for (let depth = 0; depth < 50_000; depth++) value = [value];
    assert.throws(() => evaluate('v', { v: [value, 1n] }), { code: 'expression-failed' });
  });
});

describe('a name that people guess', () => {
  for (const [source, hint] of [
    ['v.round()', /Did you mean "round\(…\)"/],
    ["trim('a')", /Did you mean "\(…\)\.trim\(\)"/],
    ["'a'.sha256()", /Did you mean "sha256\(…\)"/],
    ['[1].length()', /Did you mean "size\(…\)"/],
    ["'a'.toUpperCase()", /Did you mean "upperAscii\(\)"/],
    ["sha512('a')", /Did you mean "hash\(…, "sha512"\)"/],
    ["hash('a', 'sha3')", /There is no hash "sha3"\. Write one of sha256, sha384, sha512, sha1, md5/],
  ] as const)
    it(`leads to the one that is there: ${source}`, () => {
      assert.throws(() => evaluate(source), hint);
    });
});
