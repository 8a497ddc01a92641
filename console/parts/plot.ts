// Draws lines over time by uPlot, in the colours of the page. It is a script of its own, as uPlot
// is larger than most pages.
import UPlot from 'uplot';
import { axisTime, type ChartLine } from './chart-words.ts';

const HEIGHT_PX = 170;
const LETTER_PX = 6.5;
const LEAST_MS = 60_000;
const DASHES: readonly (readonly number[])[] = [[], [7, 4], [2, 3]];

export interface PlotOptions {
  readonly lines: readonly ChartLine[];
  readonly words: (value: number) => string;
  /** The axis of values begins at zero, and has at least this at its other end. */
  readonly top: number | undefined;
  readonly isUtc: boolean;
  /** Each has the colour of its line. */
  readonly keys: () => readonly Element[];
  /** Told of the point under the pointer. */
  readonly onPoint: (index: number | undefined) => void;
}

export interface Plot {
  show(times: readonly number[], lines: readonly ChartLine[]): void;
  /** The colours of the page have changed. */
  repaint(): void;
  end(): void;
}

export function drawPlot(box: HTMLElement, options: PlotOptions): Plot {
  const plot = new UPlot(plotOptions(box, options), [[]], box);
  const sized = new ResizeObserver(() => plot.setSize({ width: box.clientWidth, height: HEIGHT_PX }));
  sized.observe(box);
  const repaint = () => plot.redraw(false, true);
  const system = matchMedia('(prefers-color-scheme: dark)');
  system.addEventListener('change', repaint);
  return {
    show: (times, lines) => plot.setData([[...times], ...lines.map(({ values }) => [...values])]),
    repaint,
    end: () => {
      system.removeEventListener('change', repaint);
      sized.disconnect();
      plot.destroy();
    },
  };
}

function plotOptions(box: HTMLElement, options: PlotOptions): UPlot.Options {
  const { lines, words, top, isUtc, keys, onPoint } = options;
  const colourOf = (index: number) => getComputedStyle(keys()[index] ?? box).color;
  return {
    width: box.clientWidth,
    height: HEIGHT_PX,
    ms: 1,
    ...(isUtc ? { tzDate: (at: number) => UPlot.tzDate(new Date(at), 'Etc/UTC') } : {}),
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false } },
    scales: top === undefined ? {} : scalesOfNow(top),
    axes: axesOf(box, words, isUtc),
    series: [
      {},
      ...lines.map((_, index) => ({
        stroke: () => colourOf(index),
        width: 1.5,
        dash: [...(DASHES[index % DASHES.length] ?? [])],
        spanGaps: top === undefined,
        points: { size: 5 },
      })),
    ],
    hooks: { setCursor: [({ cursor }) => onPoint(cursor.idx ?? undefined)] },
  };
}

/** The first points of a line are not drawn as if they filled the time. */
function scalesOfNow(top: number): UPlot.Scales {
  return {
    x: { range: (_, first, last) => [Math.min(first, last - LEAST_MS), last] },
    y: { range: (_, __, most) => [0, Math.max(top, (most ?? 0) * 1.1)] },
  };
}

function axesOf(box: HTMLElement, words: PlotOptions['words'], isUtc: boolean): UPlot.Axis[] {
  const look = {
    stroke: () => getComputedStyle(box).color,
    font: `11px ${getComputedStyle(box).fontFamily}`,
    ticks: { show: false },
  };
  const line = () => getComputedStyle(box).borderTopColor;
  return [
    {
      ...look,
      size: 26,
      space: 80,
      grid: { show: false },
      values: (_, splits, __, ___, step) => splits.map(at => axisTime(at, step, isUtc)),
    },
    {
      ...look,
      space: 32,
      grid: { stroke: line, width: 1 },
      size: (_, values) => 14 + LETTER_PX * Math.max(2, ...(values ?? []).map(each => each.length)),
      values: (_, splits) => splits.map(words),
    },
  ];
}
