// The squares of a map of items: which comes first, and what each one stands for.
import type { ItemGroup, ItemMap } from '../../../../admin/fan-out-view.ts';
import { numberWords } from '../../../parts/words.ts';

export type SquareLook = 'failed' | 'open' | 'succeeded';

export interface Square {
  readonly look: SquareLook;
  readonly from: number;
  readonly words: string;
}

const ORDER: readonly SquareLook[] = ['failed', 'open', 'succeeded'];

/** One that holds several items looks like the worst of them. Failed ones come first. */
export function squaresOf({ groups }: ItemMap): readonly Square[] {
  const squares = groups.map(group => ({ look: lookOf(group), from: group.from, words: wordsOf(group) }));
  return squares.toSorted((one, other) => ORDER.indexOf(one.look) - ORDER.indexOf(other.look) || one.from - other.from);
}

function lookOf({ failed, open }: ItemGroup): SquareLook {
  if (failed > 0) return 'failed';
  return open > 0 ? 'open' : 'succeeded';
}

function wordsOf({ from, ...counts }: ItemGroup): string {
  const items = ORDER.reduce((sum, look) => sum + counts[look], 0);
  if (items === 1) return `item ${from}: ${lookOf({ from, ...counts })}`;
  const said = ORDER.filter(look => counts[look] > 0).map(look => `${numberWords(counts[look])} ${look}`);
  return `items ${numberWords(from)} to ${numberWords(from + items - 1)}: ${said.join(', ')}`;
}
