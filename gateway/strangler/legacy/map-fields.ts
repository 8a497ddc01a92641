// Rewrites the header fields of both sides' answers, so that a client never sees which of them
// answered, or its address.
import { type Base, mapAddress, mapLink, mapRefresh } from './map-address.ts';
import { mapCookie } from './map-cookie.ts';

/**
 * Fields that say what software answered. They would differ between the sides,
 * so neither may have them.
 */
const TELLTALE = new Set(['server', 'via', 'x-aspnet-version', 'x-aspnetmvc-version', 'x-powered-by', 'x-runtime']);

/** The part of the client's request that the mapping needs. */
export interface ClientView {
  /** Host without port, lower case. */
  readonly host: string;
  /** Host as sent. */
  readonly authority: string;
}

/**
 * Changes name and value pairs in place. `bases`: the address of legacy first, then all
 * others that count as its own.
 */
export function mapFields(fields: string[], bases: readonly Base[], client: ClientView): void {
  let kept = 0;
  for (let index = 0; index + 1 < fields.length; index += 2) {
    const name = fields[index] ?? '';
    const lower = name.toLowerCase();
    if (TELLTALE.has(lower)) continue;
    const value = mapField(lower, fields[index + 1] ?? '', bases, client);
    if (value === undefined) continue;
    fields[kept++] = name;
    fields[kept++] = value;
  }
  fields.length = kept;
}

function mapField(name: string, value: string, bases: readonly Base[], client: ClientView): string | undefined {
  switch (name) {
    case 'location':
    case 'content-location':
      return mapAddress(value, bases);
    case 'refresh':
      return mapRefresh(value, bases);
    case 'link':
      return mapLink(value, bases);
    case 'set-cookie':
      return mapCookie(value, bases, client.host);
    case 'access-control-allow-origin':
      // Pages of legacy's own origin are pages of the facade now, and for
      // those no permission is needed.
      return bases.some(({ origin }) => origin === value.toLowerCase()) ? undefined : value;
    default:
      return value;
  }
}
