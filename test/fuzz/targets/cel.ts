// Expressions and templates: an answer that is JSON, or a refusal that says where; within their
// budget, and the same the next time.
import assert from 'node:assert/strict';
import { faultOf } from '../../../core/cel/fault.ts';
import { createScope } from '../../../core/cel/scope.ts';
import { eventType } from '../../../core/cel/shapes.ts';
import { compileTemplate, type Template } from '../../../core/cel/template.ts';
import type { FuzzTarget } from '../fuzz-target.ts';
import { refusedBy } from '../refusals.ts';

const scope = createScope({ event: eventType });
const event = { id: '1', source: '/s', type: 'a', data: { n: 1, list: [1, 'a', null], text: 'abc', object: { a: 1 } } };

export const celTemplate: FuzzTarget = {
  name: 'cel-template',
  words: [
    ...[
      '${',
      '}',
      '$${',
      'event',
      '.data',
      '.n',
      '.list',
      '.text',
      '.object',
      '[0]',
      "['a']",
      '"',
      "'",
      "'''",
      '\\',
      '//',
      '\n',
    ],
    ...[
      '(',
      ')',
      '{',
      ',',
      ' + ',
      ' - ',
      ' / ',
      ' % ',
      ' == ',
      ' in ',
      ' && ',
      ' || ',
      '!',
      ' ? ',
      ' : ',
      '.?',
      '[?',
      'null',
      '1u',
    ],
    ...[
      '9223372036854775807',
      '1e400',
      'b"a"',
      'r"a"',
      '.map(x, ',
      '.filter(x, ',
      '.all(x, ',
      'has(',
      'size(',
      '.matches(',
      'dyn(',
    ],
    ...[
      'duration(',
      'timestamp(',
      'int(',
      'string(',
      'sum(',
      'max(',
      'hash(',
      'format(',
      'type(',
      'cel.bind(x, ',
      '.orValue(',
      '.split(',
      '.join(',
      'optional.none()',
    ],
  ],
  runs: 4_000,
  run(input) {
    const text = input.toString('utf8');
    let template: Template;
    try {
      template = compileTemplate(text, scope);
    } catch (error) {
      const fault = faultOf(error);
      if (fault === undefined) throw error;
      assert.ok(fault.offset >= 0 && fault.offset <= text.length, `it is at ${fault.offset} of ${text.length}`);
      return fault.reason.replaceAll(/"[^"]*"|[^ -~]|[0-9]/g, '').slice(0, 40);
    }
    const first = outcomeOf(template);
    assert.equal(outcomeOf(template), first, 'the same the second time');
    return `${template.type} ${first.slice(0, 20)}`;
  },
};

function outcomeOf(template: Template): string {
  try {
    const value = template.evaluate({ event });
    const text = JSON.stringify([value]);
    assert.deepEqual(JSON.parse(text), [value], 'what JSON can hold');
    return text;
  } catch (error) {
    return refusedBy(error, 'expression-failed');
  }
}
