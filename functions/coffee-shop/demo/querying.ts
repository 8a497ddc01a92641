// The GraphQL endpoint: clients say themselves which data they need, within bounds.
import assert from 'node:assert/strict';
import type { Walk } from './client.ts';
import type { Ordered } from './ordering.ts';

const ORDER_AND_INVOICE = `query ($id: ID!) {
  order(id: $id) { customer { name } items { quantity today { name origin } } }
  invoice(order: $id) { billedTo dueCents }
}`;

export async function query({ call, say }: Walk, { order }: Ordered): Promise<void> {
  const ask = (query: string, variables = {}) => call('POST', '/shop/graphql', { json: { query, variables } });
  say('One query, answered by orders, menu and the invoice.');
  const answer = await ask(ORDER_AND_INVOICE, { id: order });
  assert.equal(answer.status, 200);
  assert.deepEqual(answer.body.data, {
    order: {
      customer: { name: 'Ada' },
      items: [
        { quantity: 2, today: { name: 'V60 pour-over', origin: 'Ethiopia' } },
        { quantity: 1, today: { name: 'Oat cookie', origin: null } },
      ],
    },
    invoice: { billedTo: 'Ada', dueCents: 1035 },
  });

  say('A client can query neither fields outside the schema nor the schema itself.');
  for (const refused of ['{ secrets { key } }', '{ __schema { types { name } } }']) {
    const { body } = await ask(refused);
    assert.equal(body.data, undefined);
    assert.ok(Array.isArray(body.errors) && body.errors.length > 0);
  }
}
