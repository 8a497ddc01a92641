// Finds where two trees of XML or HTML differ: `/order/total`, `/form/input[name=csrf]/@value`.

import { counted } from '../../../core/units/counted.ts';
import type { DiffOptions } from './diff-json.ts';
import { diffLeaf } from './diff-leaf.ts';
import type { Findings } from './findings.ts';
import { enter, escapeToken, type Places } from './ignored-places.ts';
import type { Element } from './markup.ts';

interface Pair {
  readonly at: string;
  readonly legacy: Element;
  readonly fresh: Element;
  readonly places: readonly Places[];
}

/**
 * Children are compared by their name, `id` and order; all of one name are one place. Extra nodes
 * of one side are at `-`.
 */
export function diffMarkup(legacy: Element, fresh: Element, options: DiffOptions, findings: Findings): void {
  const { tolerance } = options;
  const open: Pair[] = [{ at: '', legacy, fresh, places: [options.places] }];
  for (let pair = open.pop(); pair; pair = open.pop()) {
    if (pair.places.some(({ whole }) => whole)) continue;
    const { at, places } = pair;
    diffLeaf(pair.legacy.text, pair.fresh.text, at === '' ? 'body' : at, tolerance, findings);
    const names = new Set([...pair.legacy.attributes.keys(), ...pair.fresh.attributes.keys()]);
    for (const name of names) {
      if (enter(places, `@${name}`).some(({ whole }) => whole)) continue;
      const [one, other] = [pair.legacy.attributes.get(name), pair.fresh.attributes.get(name)];
      diffLeaf(one, other, `${at}/@${escapeToken(name)}`, tolerance, findings);
    }
    open.push(...childrenOf(pair, findings));
  }
}

function childrenOf(pair: Pair, findings: Findings): Pair[] {
  const { at, places } = pair;
  const isCompared = (child: Element) => !enter(places, tokenOf(child)).some(({ whole }) => whole);
  const [legacy, fresh] = [pair.legacy, pair.fresh].map(({ children }) => children.filter(isCompared));
  if (!legacy || !fresh) return [];
  const [ours, theirs] = [Map.groupBy(legacy, tokenOf), Map.groupBy(fresh, tokenOf)];
  let complete = true;
  const pairs = [...new Set([...ours.keys(), ...theirs.keys()])].flatMap(token => {
    const inside = enter(places, token);
    const [one = [], other = []] = [ours.get(token), theirs.get(token)];
    const apart = Math.abs(one.length - other.length);
    if (apart > 0) {
      complete = false;
      findings.add(
        `${at}/${escapeToken(token)}/-`,
        counted(one.length, 'element'),
        counted(other.length, 'element'),
        apart,
      );
    }
    return one.flatMap((element, index): Pair[] => {
      const same = other[index];
      return same ? [{ at: `${at}/${escapeToken(token)}`, legacy: element, fresh: same, places: inside }] : [];
    });
  });
  const inOrder = legacy.every((child, index) => {
    const other = fresh[index];
    return other !== undefined && tokenOf(child) === tokenOf(other);
  });
  if (complete && !inOrder) findings.add(`${at}/-`, 'another order', 'of elements');
  return pairs;
}

/** A node with a name of its own is a place of its own: a form has many inputs. */
function tokenOf({ name, attributes }: Element): string {
  for (const attribute of ['id', 'name']) {
    const value = attributes.get(attribute);
    if (value !== undefined && /^[A-Za-z_][A-Za-z_.:-]{0,63}[0-9]{0,2}$/.test(value))
      return `${name}[${attribute}=${value}]`;
  }
  return name;
}
