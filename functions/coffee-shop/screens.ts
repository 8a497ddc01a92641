// What hangs on the walls of the shop: the video wall, and a screen for each table that can be plugged and unplugged.
import { http } from 'tenfold';
import * as z from 'zod';
import type { OnScreen, Plug } from './barista.ts';
import { openStore } from './store.ts';
import type { ToMake } from './video-wall.ts';

const wall = openStore<ToMake>('wall');
const shown = openStore<OnScreen>('shown');
const plugs = openStore<Plug>('plugs');

export default http({
  'GET /wall': () => ({ toMake: wall.list(100).reverse() }),
  'GET /screens/:table': ({ params: { table } }) => ({
    table,
    plugged: plugs.get(table)?.plugged ?? true,
    orders: shown.under(`${table}/`, 100),
  }),
  'PUT /screens/:table': http(
    { body: z.strictObject({ plugged: z.boolean() }) },
    ({ params: { table = '' }, body }) => {
      plugs.put(table, body);
      return { table, ...body };
    },
  ),
});
