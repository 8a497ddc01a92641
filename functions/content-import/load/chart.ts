// Draws what was seen as SVG: a column for each run, a row for each figure, the same
// scale in all columns of a row.
import type { Run, Seen } from './watch.ts';

interface Figure {
  readonly title: string;
  readonly colour: string;
  /** Between two moments. */
  measure(before: Seen, after: Seen): number;
}

interface Point {
  readonly atMs: number;
  readonly value: number;
}

const perSecond = (of: (seen: Seen) => number) => (before: Seen, after: Seen) =>
  ((of(after) - of(before)) * 1_000) / Math.max(1, after.atMs - before.atMs);

const FIGURES: readonly Figure[] = [
  {
    title: 'requests at the service, running and waiting',
    colour: '#3b6ea5',
    measure: (_, { running, waiting }) => running + waiting,
  },
  { title: 'articles saved per second', colour: '#2e8b57', measure: perSecond(({ articles }) => articles) },
  { title: 'tries lost to the lock, per second', colour: '#c47f17', measure: perSecond(({ aborted }) => aborted) },
  { title: 'requests refused with 503, per second', colour: '#b03a3a', measure: perSecond(({ refused }) => refused) },
];

/** Moments that a curve is drawn from; what lies between is added up. */
const MOMENTS = 80;
const COLUMN = 290;
const ROW = 118;
const PLOT = { width: 230, height: 70 };
const MARGIN = { left: 58, top: 52 };

export function toSvg(runs: readonly Run[]): string {
  const width = MARGIN.left + runs.length * COLUMN;
  const height = MARGIN.top + FIGURES.length * ROW;
  const parts = runs.map(({ name, seen }, column) =>
    text(MARGIN.left + column * COLUMN, 22, `${name}: ${seconds(lastMs(seen))}`, 'font-weight="bold" font-size="13"'),
  );
  for (const [row, figure] of FIGURES.entries()) {
    const curves = runs.map(({ seen }) => toPoints(seen, figure));
    const most = niceAbove(Math.max(...curves.flat().map(({ value }) => value)));
    const top = MARGIN.top + row * ROW;
    for (const [column, points] of curves.entries()) {
      const left = MARGIN.left + column * COLUMN;
      parts.push(...panel(left, top, figure, points, most, lastMs(runs[column]?.seen ?? [])));
    }
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="11" fill="#333">`,
    '<title>What an import does to the relational service, with and without the queue</title>',
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    ...parts,
    '</svg>\n',
  ].join('\n');
}

function panel(
  left: number,
  top: number,
  figure: Figure,
  points: readonly Point[],
  most: number,
  endMs: number,
): string[] {
  const x = (atMs: number) => (left + (atMs / Math.max(1, endMs)) * PLOT.width).toFixed(1);
  const y = (value: number) => (top + PLOT.height - (value / most) * PLOT.height).toFixed(1);
  const line = points.map(({ atMs, value }) => `${x(atMs)},${y(value)}`).join(' ');
  return [
    text(left, top - 6, figure.title, 'fill="#555"'),
    `<path d="M${left} ${top}V${top + PLOT.height}H${left + PLOT.width}" fill="none" stroke="#bbb"/>`,
    text(left - 5, top + 8, format(most), 'text-anchor="end"'),
    text(left - 5, top + PLOT.height, '0', 'text-anchor="end"'),
    text(left + PLOT.width, top + PLOT.height + 14, seconds(endMs), 'text-anchor="end"'),
    `<polygon points="${left},${top + PLOT.height} ${line} ${x(endMs)},${top + PLOT.height}" fill="${figure.colour}" fill-opacity="0.15"/>`,
    `<polyline points="${line}" fill="none" stroke="${figure.colour}" stroke-width="1.5"/>`,
  ];
}

function toPoints(seen: readonly Seen[], { measure }: Figure): Point[] {
  const stride = Math.max(1, Math.ceil(seen.length / MOMENTS));
  const moments = seen.filter((_, index) => index % stride === 0 || index === seen.length - 1);
  return moments.slice(1).map((after, index) => {
    const before = moments[index] ?? after;
    return { atMs: after.atMs, value: measure(before, after) };
  });
}

/** 1, 2 or 5 with zeros: what a scale ends with. */
function niceAbove(value: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, value)));
  return ([1, 2, 5, 10].find(step => step * power >= value) ?? 10) * power;
}

const lastMs = (seen: readonly Seen[]) => seen.at(-1)?.atMs ?? 0;
const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`;
const format = (value: number) => value.toLocaleString('en');

function text(x: number, y: number, words: string, attributes: string): string {
  const safe = words.replace(/[&<>]/g, character => `&#${character.charCodeAt(0)};`);
  return `<text x="${x}" y="${y}" ${attributes}>${safe}</text>`;
}
