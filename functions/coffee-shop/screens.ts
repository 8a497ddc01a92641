// The screens on the walls of the shop: the video wall, and a screen for each table that can be
// plugged and unplugged.
import { http, reply } from 'tenfold';
import * as z from 'zod';
import type { OnScreen, Plug } from './barista.ts';
import { find, keep, list } from './kept.ts';
import { LIVE_WALL } from './live-wall.ts';
import type { OnWall } from './video-wall.ts';

export default http({
  /** The latest orders, the oldest first. */
  'GET /wall': async (_request, context) => {
    const orders = await list<OnWall>(context, 'wall', { index: 'takenAt', order: 'desc' });
    return { toMake: orders.reverse().flatMap(({ toMake }) => toMake) };
  },
  'GET /wall/live': () => reply(200, LIVE_WALL, { 'content-type': 'text/html; charset=utf-8' }),
  /** The order is served, and leaves the wall. */
  'DELETE /wall/:order': async ({ params: { order } }, context) => {
    await keep(context, { topic: 'wall.changed', view: 'wall', key: order }, { order }, 'OrderServed');
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
