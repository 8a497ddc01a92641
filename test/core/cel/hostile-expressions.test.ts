// Expressions written to hang or exhaust the process: each is refused or ends within its budget.
import assert from 'node:assert/strict';
import { compileExpression } from '../../../core/cel/expression.ts';
import { createScope } from '../../../core/cel/scope.ts';
import { eventType } from '../../../core/cel/shapes.ts';
import { TenfoldError } from '../../../core/errors.ts';
import { computingMs } from '../../computing-ms.ts';

const scope = createScope({ event: eventType });

/**
 * The documented bound is 0.2 s; a slow machine gets five times that. Without the bounds each of
 * these runs for seconds to years.
 */
const LIMIT_MS = 1000;

const list = Array.from({ length: 50_000 }, (_, index) => index);
const twin = structuredClone(list.map(number => ({ number })));
const data = {
  list,
  long: 'a'.repeat(500_000),
  attack: `${'a'.repeat(40)}!`,
  digits: '1'.repeat(100_000),
  padding: `${'='.repeat(400_000)}x`,
  one: twin,
  two: structuredClone(twin),
  patterns: Array.from({ length: 2000 }, (_, index) => `(x{1,500}|y${index}){1,2}`),
};

describe('a hostile expression', () => {
  const rows: readonly [name: string, source: string][] = [
    ['pattern that backtracks', "event.data.attack.matches('^(a+)+$')"],
    ['pattern that backtracks, other spelling', "matches(event.data.attack, '^(a+)+$')"],
    ['pattern that backtracks, from a variable', "cel.bind(p, '^(a+)+$', event.data.attack.matches(p))"],
    ['pattern with large repetitions over long text', "event.data.long.matches('(a{0,300}){0,3}b')"],
    ['many patterns to compile', 'event.data.patterns.exists(p, event.data.attack.matches(p))'],
    ['nested loops', 'event.data.list.exists(x, event.data.list.exists(y, x > y * 100000))'],
    [
      'nested loops that swallow errors',
      'event.data.list.exists(x, event.data.list.exists(y, event.data.list.exists(z, z < 0)))',
    ],
    ['long text searched in a loop', "event.data.list.exists(x, event.data.long.contains('b'))"],
    ['long text measured in a loop', 'event.data.list.exists(x, size(event.data.long) < x)'],
    ['long text compared in a loop', "event.data.list.all(x, event.data.long + 'a' != event.data.long + 'b')"],
    ['large objects compared in a loop', 'event.data.list.all(x, event.data.one == event.data.two)'],
    [
      'large object looked for in a loop',
      'event.data.list.exists(x, event.data.one in [event.data.two, event.data.two, 1])',
    ],
    ['text that doubles', `${doubling(20, 'event.data.long')}.size() > 1`],
    ['list that doubles', `${doubling(20, 'event.data.list')}.size() > 1`],
    ['duration of a long run of digits', "duration(event.data.digits) > duration('1s')"],
    ['time zones in a loop', "event.data.list.exists(x, timestamp(int(x)).getHours('Europe/Berlin') > 30)"],
    [
      'gaps of clocks in a loop',
      "event.data.list.exists(x, timestamp('2018-11-04', 'America/Sao_Paulo').startOf('day', 'America/Sao_Paulo') == timestamp(0))",
    ],
    ['months in a loop', "event.data.list.exists(x, timestamp(0).add(x, 'month', 'Europe/Berlin') == timestamp(1))"],
    ['text that replacing makes long', "event.data.long.replace('a', event.data.long).size() > 0"],
    [
      'text that formatting makes long',
      `'${'%s'.repeat(100)}'.format([${Array(100).fill('event.data.long').join(', ')}]).size() > 0`,
    ],
    ['objects formatted in a loop', "event.data.list.exists(x, '%s'.format([event.data.one]) == '')"],
    ['sums in a loop', 'event.data.list.exists(x, event.data.list.sum() < 0)'],
    ['least of long texts in a loop', "event.data.list.exists(x, [event.data.long, event.data.long].min() == '')"],
    ['digests in a loop', "event.data.list.exists(x, sha256(event.data.long) == '')"],
    ['digests of short texts in a loop', "event.data.list.exists(x, sha256('x') == '')"],
    ['digests by name in a loop', "event.data.list.exists(x, hash(event.data.long, 'sha512') == '')"],
    ['sums by name in a loop', 'event.data.list.exists(x, sum(event.data.list) < 0)'],
    [
      'layouts of times in a loop',
      "event.data.list.exists(x, timestamp(int(x)).format('%G-%V', 'Europe/Berlin') == '')",
    ],
    ['base64 that is none', 'base64.decode(event.data.padding).size() > 0'],
    ['characters of long text in a loop', "event.data.list.exists(x, event.data.long.charAt(400000) == 'b')"],
    ['parts of long text in a loop', "event.data.list.exists(x, event.data.long.split('').size() < 0)"],
  ];
  for (const [name, source] of rows) {
    it(`ends in time: ${name}`, () => {
      const expression = compileExpression(source, scope, 'bool');
      const took = computingMs(() => {
        try {
          expression.evaluate({ event: { data } });
        } catch (error) {
          assert.ok(error instanceof TenfoldError && error.code === 'expression-failed', String(error));
        }
      });
      assert.ok(took < LIMIT_MS, `took ${Math.round(took)} ms`);
    });
  }

  const refused: readonly [name: string, source: string][] = [
    ['long source', `'${'x'.repeat(5000)}' == ''`],
    ['deep parentheses', `${'('.repeat(400)}1${')'.repeat(400)} == 1`],
    ['deep negation', `${'!'.repeat(4000)}true`],
    ['many operators', `1${' + 1'.repeat(1000)} == 1`],
    ['long list', `size([${'1,'.repeat(400)}]) == 1`],
    ['four nested loops', '[1].all(a, [1].all(b, [1].all(c, [1].all(d, a + b + c + d == 4))))'],
    ['long pattern', `'x'.matches('${'y'.repeat(2000)}')`],
    ['pattern with too large a repetition', "'x'.matches('(x{1000}){1000}')"],
  ];
  for (const [name, source] of refused) {
    it(`is refused at compile: ${name}`, () => {
      const took = computingMs(() =>
        assert.throws(
          () => compileExpression(source, scope, 'bool'),
          error => error instanceof TenfoldError && error.code === 'invalid-expression',
        ),
      );
      assert.ok(took < LIMIT_MS, `took ${Math.round(took)} ms`);
    });
  }
});

function doubling(times: number, start: string): string {
  let source = `cel.bind(v0, ${start}, `;
  for (let step = 1; step <= times; step++) source += `cel.bind(v${step}, v${step - 1} + v${step - 1}, `;
  return `${source}v${times}${')'.repeat(times + 1)}`;
}
