// Gives guests a point for each full euro of their orders. It only says what an order is worth: the
// View `points` adds up, each order once, however often it comes.
import { event } from 'tenfold';
import { OrderCreated } from './order-created.ts';

export interface Points {
  readonly customer: string;
  readonly points: number;
}

export default event(
  OrderCreated,
  ({ data: { customer, totalCents } }): Points => ({ customer: customer.id, points: Math.floor(totalCents / 100) }),
);
