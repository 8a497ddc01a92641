// Gives guests a point for each full euro of their orders.
import { event } from 'tenfold';
import { OrderCreated } from './order-created.ts';
import { openTally } from './tally.ts';

const points = openTally('points');

export default event(OrderCreated, ({ id, source, data: { customer, totalCents } }) => {
  points.count({ id, source }, { [customer.id]: Math.floor(totalCents / 100) });
});
