// The customers: who may order, and by which name to call them when the cup is ready.
import { randomUUID } from 'node:crypto';
import { type Context, http, problem, reply } from 'tenfold';
import * as z from 'zod';
import { find, keep, list } from './kept.ts';
import { isPasscode, keepPasscode } from './passcodes.ts';

export interface Customer {
  readonly id: string;
  readonly name: string;
}

const Passcode = z.string().min(4).max(100);
const NewCustomer = z.strictObject({ name: z.string().trim().min(1).max(100), passcode: Passcode.optional() });

const findCustomer = (context: Context, id: string) => find<Customer>(context, 'customers', id);

export default http({
  'GET /customers': async (_request, context) => ({
    customers: await list<Customer>(context, 'customers', { index: 'name' }),
  }),
  'GET /customers/:id': async (request, context) => {
    const customer = await findCustomer(context, request.params.id);
    if (!customer) throw problem(404, { detail: 'No customer has this id.' });
    return customer;
  },
  // For other functions only: no route leads to it.
  'POST /customers/:id/check': http({ body: z.strictObject({ passcode: Passcode }) }, async (request, context) => {
    const { id = '' } = request.params;
    const customer = await findCustomer(context, id);
    if (!(await isPasscode(context, id, request.body.passcode)) || !customer) throw problem(403);
    return customer;
  }),
  'POST /customers': http({ body: NewCustomer }, async (request, context) => {
    const { name, passcode } = request.body;
    const customer: Customer = { id: randomUUID(), name };
    if (passcode !== undefined) await keepPasscode(context, customer.id, passcode);
    await keep(context, { topic: 'customers', view: 'customers', key: customer.id }, customer, 'CustomerCame');
    return reply(201, customer, { location: `/customers/${customer.id}` });
  }),
});
