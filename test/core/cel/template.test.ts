// What core/cel/template.ts promises.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { faultOf } from '../../../core/cel/fault.ts';
import { createScope } from '../../../core/cel/scope.ts';
import { eventType, paramsType } from '../../../core/cel/shapes.ts';
import { compileTemplate } from '../../../core/cel/template.ts';

const scope = createScope({ event: eventType, params: paramsType });
const variables = {
  event: { id: 'e1', data: { n: 3, list: [1], object: { a: 1 }, none: null } },
  params: { id: 'a/b?c' },
};

describe('a template', () => {
  const rows: readonly [name: string, text: string, value: unknown][] = [
    ['without an expression is itself', 'plain } { $ text', 'plain } { $ text'],
    ['may be empty', '', ''],
    ['of one expression gives its value', '${event.data.n}', 3],
    ['of one expression gives a list', '${event.data.list}', [1]],
    ['mixed with text gives text', 'id-${event.id}/${event.data.n}', 'id-e1/3'],
    ['of two expressions gives text', '${event.data.n}${event.data.n}', '33'],
    ['escapes ${ with $', 'cost $${n} ${event.data.n}', 'cost ${n} 3'],
    ['may hold braces in an expression', "${{'a': {'b': event.data.n}}}", { a: { b: 3 } }],
    ['may hold a closing brace in a string', '${\'}\' + "}"}', '}}'],
    ['may hold escaped quotes in a string', "${'it\\'s }'}", "it's }"],
    ['may hold three quotes', "${'''a'}'''}", "a'}"],
    ['may hold a comment with a brace', '${event.id // }\n}', 'e1'],
  ];
  for (const [name, text, value] of rows) {
    it(name, () => {
      assert.deepEqual(compileTemplate(text, scope).evaluate(variables), value);
    });
  }

  it('knows whether it is constant, what it reads and what type it gives', () => {
    const { constant, references, type } = compileTemplate('/orders/${params.id}/${event.id}', scope);
    assert.deepEqual(
      { constant, references, type },
      { constant: false, references: ['params.id', 'event.id'], type: 'string' },
    );
    assert.equal(compileTemplate('$${x}', scope).constant, true);
  });

  it('encodes what is put into text, and only that', () => {
    const path = compileTemplate('/a b/${params.id}', scope, { expected: 'string', encode: encodeURIComponent });
    assert.equal(path.evaluate(variables), '/a b/a%2Fb%3Fc');
    const whole = compileTemplate('${params.id}', scope, { expected: 'string', encode: encodeURIComponent });
    assert.equal(whole.evaluate(variables), 'a%2Fb%3Fc');
  });

  it('does not put null, lists or objects into text', () => {
    for (const member of ['none', 'list', 'object']) {
      const template = compileTemplate(`x\${event.data.${member}}`, scope);
      assert.throws(() => template.evaluate(variables), /has to give text/);
    }
  });

  const faults: readonly [
    name: string,
    text: string,
    expected: 'any' | 'bool' | 'string',
    offset: number,
    reason: RegExp,
  ][] = [
    ['never closed', 'ab${event.id', 'any', 2, /never closed/],
    ['never closed because of a string', "${'}", 'any', 0, /never closed/],
    ['wrong expression after text', 'ab${event.id}${evnt}', 'any', 15, /no variable "evnt"/],
    ['empty expression', 'a${}', 'any', 3, /empty/],
    ['text where one expression is needed', "event.type == 'x'", 'bool', 0, /One expression inside/],
    ['text around the one expression that is needed', ' ${true}', 'bool', 0, /nothing around/],
    ['list inside text', 'x${[1]}', 'string', 3, /gives a list, but text is needed/],
  ];
  for (const [name, text, expected, offset, reason] of faults) {
    it(`is refused with its place in the text: ${name}`, () => {
      assert.throws(
        () => compileTemplate(text, scope, { expected }),
        error => {
          const fault = faultOf(error);
          assert.match(fault?.reason ?? String(error), reason);
          assert.equal(fault?.offset, offset);
          return true;
        },
      );
    });
  }

  it('gives any text back once its "${" are escaped', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('$', '{', '}', 'a', '"', "'", '\\') }), text => {
        // "$${" in the text would need "$$${": only texts in which "$" does not stand before
        // "${" have an escaped form.
        fc.pre(!text.includes('$${'));
        assert.equal(
          compileTemplate(
            text.replaceAll('${', () => '$${'),
            scope,
          ).evaluate({}),
          text,
        );
      }),
    );
  });

  it('gives any text back from a string literal', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), text => {
        const literal = `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n').replaceAll('\r', '\\r')}"`;
        fc.pre(!text.includes('\0'));
        assert.equal(compileTemplate(`\${${literal}}`, scope).evaluate({}), text);
      }),
    );
  });
});
