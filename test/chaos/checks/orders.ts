// What endpoints say of orders that were sent again and again, and what their callbacks told.
import type { UseSubject } from '../load/use.ts';
import type { Orders } from '../model/orders.ts';
import type { Check } from './check.ts';

const AT_ONCE = 8;

export function orderCheck({ site }: UseSubject, orders: Orders): Check {
  return {
    name: 'a request that is sent again is carried out once, and its callback tells how',
    async differences() {
      const asked = orders.all().flatMap(({ number, paths }) => paths.map(path => ({ number, path })));
      const look = async () => {
        for (let next = asked.pop(); next !== undefined; next = asked.pop()) {
          const response = await fetch(`${site.publicAddress()}${next.path}`);
          const { state, result } = (await response.json()) as { state?: string; result?: { body?: unknown } };
          orders.seen(next.number, next.path, state ?? `${response.status}`, result?.body);
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, look));
      return [...orders.open(), ...orders.wrong()];
    },
  };
}
