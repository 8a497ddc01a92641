// Which variables an expression uses, as the planner of aggregates needs to know.
import assert from 'node:assert/strict';
import { compileExpression } from '../../../core/cel/expression.ts';
import { createScope } from '../../../core/cel/scope.ts';
import { paramsType, responseType } from '../../../core/cel/shapes.ts';

const scope = createScope({ params: paramsType, order: responseType, customer: responseType });

describe('the references of an expression', () => {
  const rows: readonly [name: string, source: string, references: string[]][] = [
    ['a constant has none', '1 + size("order")', []],
    ['a path is followed to its end', 'order.body.customerId', ['order.body.customerId']],
    ['a whole variable is one', 'order', ['order']],
    ['literal brackets belong to the path', 'order.headers["x-id"]', ['order.headers.x-id']],
    ['an optional member belongs to the path', 'order.body.?a.orValue(1)', ['order.body.a']],
    ['a computed index ends the path and is read itself', 'order.body[params.id].x', ['order.body', 'params.id']],
    [
      'every operand counts, once',
      'order.status == 200 && order.status < customer.status',
      ['order.status', 'customer.status'],
    ],
    ['has() reads', 'has(order.body.x)', ['order.body.x']],
    ['loop variables do not count', 'order.body.items.map(i, i.price)', ['order.body.items']],
    [
      'a loop variable hides a variable of the same name',
      'order.body.items.all(customer, customer > 1)',
      ['order.body.items'],
    ],
    [
      'what a loop reads from outside counts',
      'order.body.all(i, i == customer.status)',
      ['order.body', 'customer.status'],
    ],
    ['a bound name hides only inside', 'cel.bind(customer, customer.status, customer + 1)', ['customer.status']],
    ['receivers and arguments count', 'order.body.name.contains(params.q)', ['order.body.name', 'params.q']],
    ['values of literals count', '{"a": [order.status]}', ['order.status']],
  ];
  for (const [name, source, references] of rows) {
    it(name, () => {
      assert.deepEqual(compileExpression(source, scope).references, references);
    });
  }
});
