// The items of a job as squares, the failed ones first. Their looks differ without colour, too.
import type { ItemMap as Items } from '../../../../admin/fan-out-view.ts';
import { counted } from '../../../../core/units/counted.ts';
import { numberWords } from '../../../parts/words.ts';
import { type SquareLook, squaresOf } from './item-squares.ts';

const LOOKS: readonly SquareLook[] = ['failed', 'open', 'succeeded'];

export function ItemMap({ of }: { readonly of: Items }) {
  const squares = squaresOf(of);
  if (squares.length === 0) return <p class="muted">No item was handed out yet.</p>;
  const totals = LOOKS.map(look => [look, of.groups.reduce((sum, group) => sum + group[look], 0)] as const);
  const words = totals.map(([look, count]) => `${numberWords(count)} ${look}`).join(', ');
  return (
    <figure class="item-map">
      <div role="img" aria-label={`Items: ${words}`} class="squares">
        {squares.map(({ look, from, words: title }) => (
          <span key={from} class={`square ${look}`} title={title} />
        ))}
      </div>
      <figcaption class="muted">
        {totals.map(([look, count]) => (
          <span key={look} class="square-key">
            <span class={`square ${look}`} />
            {numberWords(count)} {look}
          </span>
        ))}
        {of.size > 1 ? <span>A square is {counted(of.size, 'item')}, and looks like the worst of them.</span> : null}
      </figcaption>
    </figure>
  );
}
