// Checks that an API server made the requested write. It names the path of a field that an
// admission webhook changed or dropped.
import { matchesDesired } from './matches-desired.ts';

/**
 * The path at which the answer differs from the request, such as `spec.replicas`; undefined where
 * all was taken. Additions of others do not count.
 */
export function whatWasNotTaken(answer: unknown, asked: unknown): string | undefined {
  if (matchesDesired(answer, asked)) return undefined;
  if (isList(answer) && isList(asked) && asked.every(isObject)) {
    // Others may have added items, at any place.
    const lacking = asked.findIndex(one => !answer.some(each => whatWasNotTaken(each, one) === undefined));
    return lacking === -1 ? undefined : `[${lacking}]${whereIn(answer[lacking], asked[lacking])}`;
  }
  if (!isObject(answer) || !isObject(asked)) return '';
  for (const [name, value] of Object.entries(asked)) {
    const own = Object.hasOwn(answer, name) ? answer[name] : undefined;
    if (own === undefined && matchesDesired({}, { [name]: value })) continue;
    const inner = whatWasNotTaken(own, value);
    if (inner !== undefined) return join(name, inner);
  }
  return undefined;
}

/** The path in the item at the same place, as long as that is an object, too. */
function whereIn(answer: unknown, asked: unknown): string {
  const inner = isObject(answer) ? whatWasNotTaken(answer, asked) : undefined;
  return inner === undefined || inner === '' ? '' : join('', inner);
}

function join(name: string, inner: string): string {
  return inner === '' || inner.startsWith('[') ? `${name}${inner}` : `${name}.${inner}`;
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
