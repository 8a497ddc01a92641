// Draws one number over time as a line, with its lowest and its highest value.
import { counted } from '../../../core/units/counted.ts';
import { numberWords } from '../../parts/words.ts';
import { type Series, thinned } from './series.ts';

const WIDTH = 900;
const HEIGHT = 200;
const PARTS = 450;

export function Chart({ series }: { readonly series: Series }) {
  const { time, number, points, left } = series;
  const values = points.map(([, value]) => value);
  const [low, high] = values.reduce(
    ([lowest, highest], value) => [Math.min(lowest, value), Math.max(highest, value)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  );
  const [first = 0, last = 0] = [points[0]?.[0], points.at(-1)?.[0]];
  const x = (at: number) => (last === first ? 0 : ((at - first) / (last - first)) * WIDTH);
  const y = (value: number) => (high === low ? HEIGHT / 2 : HEIGHT - ((value - low) / (high - low)) * HEIGHT);
  const line = thinned(points, PARTS)
    .map(([at, value], index) => `${index === 0 ? 'M' : 'L'}${x(at).toFixed(1)} ${y(value).toFixed(1)}`)
    .join('');
  const [from, to] = [first, last].map(at => new Date(at).toISOString().replace(/(:00)?\.\d+Z$/, 'Z'));
  const words = `${number} over ${time}: ${counted(points.length, 'point')} from ${from} to ${to}, between ${numberWords(low)} and ${numberWords(high)}`;
  return (
    <figure class="sql-chart">
      <div class="sql-scale faint">
        <span>{numberWords(high)}</span>
        <span>{numberWords(low)}</span>
      </div>
      <svg viewBox={`0 -4 ${WIDTH} ${HEIGHT + 8}`} preserveAspectRatio="none" role="img" aria-label={words}>
        <path d={`M0 0H${WIDTH}M0 ${HEIGHT / 2}H${WIDTH}M0 ${HEIGHT}H${WIDTH}`} class="sql-grid" />
        <path d={line} class="sql-line" />
      </svg>
      <figcaption class="faint">
        <span>{from}</span>
        <span>
          {number} over {time}
          {left === 0 ? '' : `, without ${counted(left, 'row')} that have none`}
        </span>
        <span>{to}</span>
      </figcaption>
    </figure>
  );
}
