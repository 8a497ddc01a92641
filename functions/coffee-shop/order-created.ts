// The event that the shop publishes when an order has been taken. Subscribers read the members that
// they need.
import * as z from 'zod';

const Item = z.object({
  drink: z.string(),
  name: z.string(),
  quantity: z.int(),
  priceCents: z.int(),
  /** Of coffee only. */
  origin: z.string().optional(),
  method: z.string().optional(),
});

export const OrderCreated = z.object({
  id: z.string(),
  /** ISO 8601. */
  takenAt: z.string(),
  /**
   * The table where it is served. Orders of one table reach each subscriber in the order in which
   * they were taken.
   */
  table: z.string(),
  customer: z.object({ id: z.string(), name: z.string() }),
  items: z.array(Item).readonly(),
  totalCents: z.int(),
});

export type OrderCreated = z.output<typeof OrderCreated>;
