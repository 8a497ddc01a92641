// Fetches what large events point at, as services of their namespace do.
import { createCallerKeys } from '../../../gateway/listeners/caller-keys.ts';
import type { UseSubject } from '../load/use.ts';
import { internalSecretOf, type UseSite } from '../load/use-site.ts';
import type { Large } from '../model/large.ts';
import type { Check } from './check.ts';

/** What a service of the namespace shows at internal listeners. */
export function internalHeaders({ namespace }: UseSite): Record<string, string> {
  return { 'tenfold-key': createCallerKeys(internalSecretOf(namespace)).keyFor(namespace) };
}

export function largeCheck({ site, records }: UseSubject, large: Large): Check {
  const fetched = new Map<string, Uint8Array>();
  const contentOf = async (address: string) => {
    const known = fetched.get(address);
    if (known) return known;
    const response = await fetch(`${site.internalAddress()}${address}`, { headers: internalHeaders(site) });
    if (!response.ok) throw new Error(`${address} is answered ${response.status}: ${await response.text()}`);
    const bytes = await response.bytes();
    fetched.set(address, bytes);
    return bytes;
  };
  return {
    name: 'large data are what was published',
    async differences() {
      const events = await Promise.all(
        (await records.of('large')).map(async ({ headers, value }) => {
          const address = headers['ce_dataref'];
          return {
            id: String(headers['ce_id']),
            address,
            bytes: address === undefined ? value : await contentOf(address),
          };
        }),
      );
      return large.differences(events);
    },
  };
}
