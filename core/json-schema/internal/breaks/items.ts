// Compares what schemas say of the items of lists, in the words of both drafts.
import { type Mismatch, mismatch, type Question } from './comparison.ts';
import { below, type SchemaPlace } from './place.ts';

export function compareItems({ narrow, wide, field, compare }: Question): Mismatch[] {
  const most = Math.min(
    ...narrow.places.map(({ schema: { maxItems } }) => (typeof maxItems === 'number' ? maxItems : Infinity)),
  );
  const first = Math.max(fixedIn(wide), ...narrow.places.map(fixedIn));
  const found: Mismatch[] = [];
  for (let index = 0; index < Math.min(first, most); index++) {
    const item = itemAt(wide, index);
    const own = narrow.places.flatMap(place => itemAt(place, index) ?? []);
    if (item) found.push(...compare(own, item, `${field}[${index}]`));
  }
  const rest = restOf(wide);
  if (rest === undefined || most <= first) return found;
  return [
    ...found,
    ...compare(
      narrow.places.flatMap(place => restOf(place) ?? []),
      rest,
      `${field}[]`,
    ),
  ];
}

export function compareUnique(question: Question): Mismatch[] {
  const { narrow, wide } = question;
  if (wide.schema['uniqueItems'] !== true) return [];
  const isUnique = narrow.places.some(
    ({ schema: { uniqueItems, maxItems } }) => uniqueItems === true || (typeof maxItems === 'number' && maxItems <= 1),
  );
  return isUnique ? [] : [mismatch(question, 'uniqueItems', 'takes no item twice here', 'may hold one twice')];
}

/** Items with a schema of their own: `prefixItems`, which draft-07 calls `items`. */
function fixedIn({ schema: { prefixItems, items } }: SchemaPlace): number {
  return Array.isArray(prefixItems) ? prefixItems.length : Array.isArray(items) ? items.length : 0;
}

function itemAt(place: SchemaPlace, index: number): SchemaPlace | undefined {
  if (index >= fixedIn(place)) return restOf(place);
  return below(place, Array.isArray(place.schema['prefixItems']) ? 'prefixItems' : 'items', index);
}

/** The schema of all other items; undefined where they may be anything. */
function restOf(place: SchemaPlace): SchemaPlace | undefined {
  const keyword = Array.isArray(place.schema['items']) ? 'additionalItems' : 'items';
  return place.schema[keyword] === undefined ? undefined : below(place, keyword);
}
