// The customers: who may order, and by which name to call them when the cup is ready.
import { randomUUID } from 'node:crypto';
import { http, problem, reply } from 'tenfold';
import * as z from 'zod';
import { isPasscode, keepPasscode } from './passcodes.ts';
import { openStore } from './store.ts';

export interface Customer {
  readonly id: string;
  readonly name: string;
}

const Passcode = z.string().min(4).max(100);
const NewCustomer = z.strictObject({ name: z.string().trim().min(1).max(100), passcode: Passcode.optional() });

const store = openStore<Customer>('customers');

export default http({
  'GET /customers': () => ({ customers: store.list(100) }),
  'GET /customers/:id': request => {
    const customer = store.get(request.params.id);
    if (!customer) throw problem(404, { detail: 'No customer has this id.' });
    return customer;
  },
  // For other functions only: no route leads to it.
  'POST /customers/:id/check': http({ body: z.strictObject({ passcode: Passcode }) }, async request => {
    const { id = '' } = request.params;
    const customer = store.get(id);
    if (!(await isPasscode(id, request.body.passcode)) || !customer) throw problem(403);
    return customer;
  }),
  'POST /customers': http({ body: NewCustomer }, async request => {
    const { name, passcode } = request.body;
    const customer: Customer = { id: randomUUID(), name };
    if (passcode !== undefined) await keepPasscode(customer.id, passcode);
    store.add(customer.id, customer);
    return reply(201, customer, { location: `/customers/${customer.id}` });
  }),
});
