// Places (`offset.index`) as a short text. While one event is missing, everything behind it stays
// noted: mostly consecutive offsets.

/** `17-4211` stands for `17.0`, `18.0`, … `4211.0`; all others stand for themselves. */
export function packPlaces(places: Iterable<string>): string[] {
  const packed: string[] = [];
  const plain: number[] = [];
  for (const place of places) {
    if (place.endsWith('.0')) plain.push(Number(place.slice(0, -2)));
    else packed.push(place);
  }
  plain.sort((one, other) => one - other);
  for (let first = 0; first < plain.length; ) {
    const from = plain[first] ?? 0;
    let last = first;
    while (plain[last + 1] === from + (last + 1 - first)) last++;
    packed.push(last === first ? `${from}.0` : `${from}-${plain[last]}`);
    first = last + 1;
  }
  return packed;
}

export function unpackPlaces(packed: readonly string[]): Set<string> {
  const places = new Set<string>();
  for (const each of packed) {
    const dash = each.indexOf('-');
    if (dash < 0) {
      places.add(each);
      continue;
    }
    const last = Number(each.slice(dash + 1));
    for (let offset = Number(each.slice(0, dash)); offset <= last; offset++) places.add(`${offset}.0`);
  }
  return places;
}
