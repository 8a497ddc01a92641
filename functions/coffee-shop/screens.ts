// The screens on the walls of the shop: the video wall, and a screen for each table that can be
// plugged and unplugged.
import { http } from 'tenfold';
import * as z from 'zod';
import type { OnScreen, Plug } from './barista.ts';
import { find, keep, list } from './kept.ts';
import type { OnWall } from './video-wall.ts';

export default http({
  /** The latest orders, the oldest first. */
  'GET /wall': async (_request, context) => {
    const orders = await list<OnWall>(context, 'wall', { index: 'takenAt', order: 'desc' });
    return { toMake: orders.reverse().flatMap(({ toMake }) => toMake) };
  },
  'GET /screens/:table': async ({ params: { table } }, context) => {
    const [plug, orders] = await Promise.all([
      find<Plug>(context, 'plugs', table),
      list<OnScreen>(context, 'shown', { index: 'table,takenAt', value: table }),
    ]);
    const shown = orders.map(({ order, lines }) => ({ order, lines }));
    return { table, plugged: plug?.plugged ?? true, orders: shown };
  },
  'PUT /screens/:table': http(
    { body: z.strictObject({ plugged: z.boolean() }) },
    async ({ params: { table = '' }, body }, context) => {
      const plug: Plug = { table, ...body };
      await keep(context, { topic: 'screens.plugged', view: 'plugs', key: table }, plug, 'ScreenPlugged');
      return plug;
    },
  ),
});
