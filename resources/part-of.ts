// Which consumers are parts of which resource, by their names: `renditions/splits` of the FanOut
// `renditions`, `shop.orders` of the Strangler `shop`.

interface OfKind {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** The text between the name of a resource and that of its part. */
const BETWEEN: Readonly<Record<string, string>> = { FanOut: '/', Pipeline: '/', View: '/', Strangler: '.' };

/** True also for the resource itself. */
export function isItOrPartOf(one: OfKind, whole: OfKind): boolean {
  if (one.kind !== whole.kind || one.namespace !== whole.namespace) return false;
  return ownersOf(one).includes(whole.name);
}

/** Names of resources that it may be, or be a part of: its own first. */
export function ownersOf({ kind, name }: Pick<OfKind, 'kind' | 'name'>): string[] {
  const between = BETWEEN[kind];
  const ends = between === undefined ? [] : [...name].flatMap((letter, at) => (letter === between ? [at] : []));
  return [name, ...ends.map(end => name.slice(0, end))];
}
