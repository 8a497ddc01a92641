// The invoice: business logic over the parts that the Aggregate has gathered. It calls nobody.
import { http } from 'tenfold';
import * as z from 'zod';

const part = <T extends z.ZodType>(body: T) => z.object({ body, outcome: z.string() });

const Gathered = z.object({
  parts: z.object({
    order: part(
      z.object({
        id: z.string(),
        items: z.array(z.object({ drink: z.string(), name: z.string(), quantity: z.int(), priceCents: z.int() })),
        totalCents: z.int(),
      }),
    ),
    customer: part(z.object({ name: z.string() })),
    menu: part(z.object({ drinks: z.array(z.object({ id: z.string(), origin: z.string().optional() })) })),
    card: part(z.object({ discountPercent: z.int() })),
  }),
});

export default http({
  'POST /': http({ body: Gathered }, request => {
    const { order, customer, menu, card } = request.body.parts;
    const origins = new Map(menu.body.drinks.map(({ id, origin }) => [id, origin]));
    const { totalCents } = order.body;
    const discountCents = Math.round((totalCents * card.body.discountPercent) / 100);
    return {
      order: order.body.id,
      billedTo: customer.body.name,
      lines: order.body.items.map(({ drink, name, quantity, priceCents }) => ({
        text: [`${quantity} × ${name}`, origins.get(drink)].filter(Boolean).join(', '),
        cents: quantity * priceCents,
      })),
      totalCents,
      discountCents,
      dueCents: totalCents - discountCents,
    };
  }),
});
