// The customers: who may order, and by which name to call them when the cup is ready.
import { randomUUID } from 'node:crypto';
import { http, problem, reply } from 'tenfold';
import * as z from 'zod';
import { openStore } from './store.ts';

export interface Customer {
  readonly id: string;
  readonly name: string;
}

const NewCustomer = z.strictObject({ name: z.string().trim().min(1).max(100) });

const store = openStore<Customer>('customers');

export default http({
  'GET /customers': () => ({ customers: store.list(100) }),
  'GET /customers/:id': request => {
    const customer = store.get(request.params.id);
    if (!customer) throw problem(404, { detail: 'No customer has this id.' });
    return customer;
  },
  'POST /customers': http({ body: NewCustomer }, request => {
    const customer: Customer = { id: randomUUID(), name: request.body.name };
    store.add(customer.id, customer);
    return reply(201, customer, { location: `/customers/${customer.id}` });
  }),
});
