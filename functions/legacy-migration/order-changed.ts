// The event by which the new order service tells of an order.
import * as z from 'zod';

export const OrderChanged = z.object({
  id: z.int(),
  customer: z.string(),
  items: z.array(z.object({ product: z.string(), quantity: z.int(), price: z.number() })),
  total: z.number(),
  createdAt: z.string(),
});
