// A chart of numbers over time. Its words say the newest values and their range, so that nobody
// needs the drawing.
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { counted } from '../../core/units/counted.ts';
import { theme } from '../shell/theme.ts';
import { type ChartLine, chartWords, rangeOf, timeWords } from './chart-words.ts';
import type { Plot } from './plot.ts';

/** There are as many colours. */
const MOST_LINES = 6;

export interface ChartProps {
  readonly title: string;
  /** Milliseconds since 1970, in their order. */
  readonly times: readonly number[];
  readonly lines: readonly ChartLine[];
  readonly words: (value: number) => string;
  /** Set for numbers of now: their axis begins at zero and has at least this at its other end. */
  readonly top?: number;
  /** Times are in UTC, and not by the clock of the page. */
  readonly isUtc?: true;
}

export function Chart(props: ChartProps) {
  const { title, times, words, top, isUtc = false } = props;
  const lines = useMemo(() => props.lines.slice(0, MOST_LINES), [props.lines]);
  const [point, setPoint] = useState<number>();
  const { last, isDrawn, label } = useMemo(() => {
    const known = times.filter((_, index) => lines.some(({ values }) => typeof values[index] === 'number'));
    return { last: known.at(-1), isDrawn: known.length > 0, label: chartWords(title, times, lines, words, isUtc) };
  }, [title, times, lines, words, isUtc]);
  const [box, hasFailed] = usePlot({ ...props, lines }, isDrawn, setPoint);
  const isOld = top !== undefined && last !== undefined && last !== times.at(-1);
  const at = point === undefined ? undefined : times[point];
  return (
    <figure class="chart">
      <figcaption>
        <span>{title}</span>
        <span class="faint">
          {at !== undefined
            ? timeWords(at, isUtc)
            : isOld
              ? `Nothing new since ${timeWords(last, isUtc)}`
              : isUtc
                ? 'UTC'
                : ''}
        </span>
      </figcaption>
      <ul class="chart-lines">
        {lines.map((line, index) => (
          <Line key={`${index}`} of={line} index={index} words={words} point={at === undefined ? undefined : point} />
        ))}
      </ul>
      {isDrawn ? (
        <div ref={box} class="chart-plot" role="img" aria-label={label} />
      ) : (
        <p class="chart-plot faint">The line begins in a few seconds. The page keeps the last 15 minutes.</p>
      )}
      {hasFailed ? <p class="muted">The drawing could not be loaded. Load the page again to see it.</p> : null}
      {props.lines.length > MOST_LINES ? (
        <p class="muted">
          The chart has the first {MOST_LINES} of {counted(props.lines.length, 'line')}.
        </p>
      ) : null}
    </figure>
  );
}

function Line(props: {
  readonly of: ChartLine;
  readonly index: number;
  readonly words: (value: number) => string;
  readonly point: number | undefined;
}) {
  const { of: line, index, words, point } = props;
  const { name, values, href, isBad } = line;
  const range = useMemo(() => rangeOf(line), [line]);
  const shown = point === undefined ? range?.newest : values[point];
  return (
    <li>
      <span class={`chart-key chart-key-${isBad ? 'bad' : index} chart-dash-${index % 3}`} />
      {href === undefined ? name : <a href={href}>{name}</a>}
      <b>{typeof shown === 'number' ? words(shown) : 'not known'}</b>
      {range === undefined ? null : (
        <span class="faint">
          {words(range.low)} to {words(range.high)}
        </span>
      )}
    </li>
  );
}

/** Draws into the element while there is something to draw. */
function usePlot(props: ChartProps, isDrawn: boolean, onPoint: (index: number | undefined) => void) {
  const { times, lines, top, isUtc = false } = props;
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<Plot | undefined>(undefined);
  const newest = useRef(props);
  newest.current = props;
  const [hasFailed, setHasFailed] = useState(false);
  const [isReady, setIsReady] = useState(false);
  useEffect(() => {
    if (!isDrawn) return;
    let isHere = true;
    const draw = async () => {
      const { drawPlot } = await import('./plot.ts');
      const element = box.current;
      if (!isHere || element === null) return;
      plot.current = drawPlot(element, {
        ...{ lines, top, isUtc, onPoint },
        words: value => newest.current.words(value),
        keys: () => [...(element.parentElement?.querySelectorAll('.chart-key') ?? [])],
      });
      setIsReady(true);
    };
    draw().catch(() => isHere && setHasFailed(true));
    return () => {
      isHere = false;
      plot.current?.end();
      plot.current = undefined;
      setIsReady(false);
    };
  }, [isDrawn, lines.length, top, isUtc]);
  useEffect(() => plot.current?.show(times, lines), [isReady, times, lines]);
  useEffect(() => plot.current?.repaint(), [theme.value]);
  return [box, hasFailed] as const;
}
