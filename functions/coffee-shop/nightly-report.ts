// The report of a night: the three best of each board, read from the Views that follow the orders.
import { type Context, event } from 'tenfold';

interface Board {
  readonly items: readonly { readonly member: string; readonly score: number; readonly value?: { name?: string } }[];
}

export interface Report {
  readonly night: string;
  readonly lovers: readonly string[];
  readonly origins: readonly string[];
  readonly methods: readonly string[];
}

export default event<{ night: string }>(async ({ data: { night } }, context): Promise<Report> => {
  const boards = ['coffee-lovers', 'coffee-origins', 'coffee-methods'].map(view => bestOf(context, view));
  const [lovers = [], origins = [], methods = []] = await Promise.all(boards);
  return { night, lovers, origins, methods };
});

async function bestOf(context: Context, view: string): Promise<string[]> {
  const { items } = (await context.query(view, { top: 3 })) as Board;
  return items.map(({ member, score, value }) => `${value?.name ?? member}: ${score}`);
}
