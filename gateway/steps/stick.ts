// Gives each client a point of its own in a split, where the route asks for
// clients to stay at their target.
import { createHash } from 'node:crypto';
import type { Exchange } from '../exchange/exchange.ts';
import type { Step } from '../exchange/step.ts';
import { parseCookies } from '../exchange/variables.ts';
import { fieldOf } from '../http/fields.ts';

/** `by`: `ip`, `header:name` or `cookie:name`; undefined draws anew for every request. */
export function stick(by: string | undefined, salt: string): Step | undefined {
  if (by === undefined) return undefined;
  const keyOf = createStickyKey(by);
  return exchange => {
    exchange.request.point = pointOf(keyOf(exchange), salt);
  };
}

/**
 * The value by which a client is recognised. A client without the cookie gets one; without the
 * header, its address counts.
 */
export function createStickyKey(by: string): (exchange: Exchange) => string {
  const [source, name = ''] = by.split(':');
  if (source === 'header')
    return exchange => fieldOf(exchange.request.head.fields, name) ?? exchange.request.client.address;
  if (source !== 'cookie') return exchange => exchange.request.client.address;
  return exchange => {
    const known = parseCookies(fieldOf(exchange.request.head.fields, 'cookie'))[name];
    if (known !== undefined && known !== '') return known;
    const fresh = exchange.world.id();
    const secure = exchange.request.client.proto === 'https' ? '; Secure' : '';
    exchange.response.addFilter({
      filterHead({ fields }) {
        // The target's own cookie of that name, when it sets one, is what the
        // client will show next time.
        if (!setsCookie(fields, name))
          fields.push('set-cookie', `${name}=${fresh}; Path=/; HttpOnly; SameSite=Lax${secure}`);
      },
    });
    return fresh;
  };
}

/**
 * A point in [0, 1) that is always the same for a key. Raising a weight moves clients
 * towards that target only.
 */
export function pointOf(key: string, salt: string): number {
  return createHash('sha256').update(`${salt}\n${key}`).digest().readUInt32BE(0) / 2 ** 32;
}

function setsCookie(fields: readonly string[], name: string): boolean {
  for (let index = 0; index + 1 < fields.length; index += 2) {
    if (fields[index]?.toLowerCase() === 'set-cookie' && fields[index + 1]?.startsWith(`${name}=`)) return true;
  }
  return false;
}
