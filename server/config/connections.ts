// How many connections a listener takes, of all and of one client, and how long it
// keeps those that are idle.
import * as z from 'zod';
import { duration } from '../../resources/kinds/fields/units.ts';

const count = () => z.int().min(1).max(1_000_000);

export function connections() {
  return z
    .strictObject({
      max: count()
        .prefault(10_000)
        .describe('Connections of all clients together. From nine tenths of them on the oldest idle one makes room.'),
      perClient: count()
        .prefault(2_500)
        .describe(
          'Connections of one client: an IPv4 address, or a /64 of IPv6. Trusted proxies have as many as they like. Beyond it the oldest idle one makes room, or the new one is refused.',
        ),
      idle: duration({ min: '1s', max: '24h' })
        .prefault('3610s')
        .describe(
          'How long an idle connection is kept. Longer than proxies in front keep theirs: they must close first.',
        ),
    })
    .prefault({})
    .describe('Limits of connections.');
}
