// Whether an existing object has every field that is wanted of it. Additions of others, or of the
// API server, do not count.
import { quantityOf } from '../../providers/deployment/resources.ts';

export function matchesDesired(live: unknown, wanted: unknown): boolean {
  if (wanted === live) return true;
  if (typeof wanted === 'string' && typeof live === 'string') return sameQuantity(live, wanted);
  if (typeof wanted !== 'object' || wanted === null || typeof live !== 'object' || live === null) return false;
  if (Array.isArray(wanted)) {
    return (
      Array.isArray(live) &&
      live.length === wanted.length &&
      wanted.every((one, index) => matchesDesired(live[index], one))
    );
  }
  return Object.entries(wanted).every(([name, value]) => {
    const own = Object.hasOwn(live, name) ? (live as Record<string, unknown>)[name] : undefined;
    // The API server leaves out empty values.
    return matchesDesired(own, value) || (own === undefined && isEmpty(value));
  });
}

/** `1000m` comes back as `1`. */
function sameQuantity(live: string, wanted: string): boolean {
  const number = quantityOf(wanted);
  return number !== undefined && number === quantityOf(live);
}

function isEmpty(value: unknown): boolean {
  return value === '' || (typeof value === 'object' && value !== null && Object.keys(value).length === 0);
}
