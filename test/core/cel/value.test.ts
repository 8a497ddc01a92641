// What core/cel/value.ts promises.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { createScope } from '../../../core/cel/scope.ts';
import { responseType } from '../../../core/cel/shapes.ts';
import { compileValue } from '../../../core/cel/value.ts';

const scope = createScope({ order: responseType });

describe('a value with templates', () => {
  it('is filled in at every depth, with types kept', () => {
    const value = compileValue(
      { id: '${order.body.id}', list: ['n${order.status}', { s: '${order.status}' }], fixed: [1, null] },
      scope,
    );
    assert.deepEqual(value.evaluate({ order: { status: 200, body: { id: 7 } } }), {
      id: 7,
      list: ['n200', { s: 200 }],
      fixed: [1, null],
    });
    assert.deepEqual(value.references, ['order.body.id', 'order.status']);
    assert.equal(value.constant, false);
  });

  it('leaves keys alone and undoes escapes', () => {
    assert.deepEqual(compileValue({ '${x}': '$${x}' }, scope).evaluate({}), { '${x}': '${x}' });
  });

  it('refuses what does not compile, at any depth', () => {
    assert.throws(() => compileValue([{ a: ['${ordr}'] }], scope), /Did you mean "order"/);
  });

  it('gives constant JSON back unchanged', () => {
    fc.assert(
      fc.property(fc.jsonValue(), json => {
        fc.pre(!JSON.stringify(json).includes('${'));
        const value = compileValue(json, scope);
        assert.equal(value.constant, true);
        assert.deepEqual(value.evaluate({}), json);
      }),
    );
  });
});
