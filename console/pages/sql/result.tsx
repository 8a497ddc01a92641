// The rows of an answer: only those in view are drawn, so that a hundred thousand scroll as ten do.
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { SqlColumnReport } from '../../../admin/sql-view.ts';
import { cellText, type Row } from './export-rows.ts';

const ROW_PX = 28;
const SPARE = 10;
const MEASURED = 200;
const LETTER_REM = 0.46;
const LEAST_REM = 5;
const MOST_REM = 24;
/** A browser draws no element that is higher than some millions of pixels. */
const MOST_PX = 8_000_000;

export function ResultTable(props: { readonly columns: readonly SqlColumnReport[]; readonly rows: readonly Row[] }) {
  const { columns, rows } = props;
  const box = useRef<HTMLDivElement>(null);
  const [seen, setSeen] = useState({ top: 0, height: 600 });
  const look = () => {
    const { scrollTop = 0, clientHeight = 600 } = box.current ?? {};
    setSeen({ top: scrollTop, height: clientHeight });
  };
  useEffect(look, [rows.length]);
  // Beyond that height, one pixel of the scroll bar stands for more than one.
  const whole = rows.length * ROW_PX;
  const height = Math.min(whole, MOST_PX);
  const stretch = height <= seen.height ? 1 : (whole - seen.height) / (height - seen.height);
  const first = Math.max(0, Math.floor((seen.top * stretch) / ROW_PX) - SPARE);
  const shown = rows.slice(first, first + Math.ceil(seen.height / ROW_PX) + 2 * SPARE);
  const offset = first * ROW_PX - seen.top * (stretch - 1);
  const grid = useMemo(() => gridOf(columns, rows), [columns, rows.length > MEASURED]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, also by the keyboard.
    <div ref={box} class="sql-rows" tabIndex={0} onScroll={look}>
      <table aria-label="Rows" aria-rowcount={rows.length + 1} style={{ width: grid.width }}>
        <thead>
          <tr class="sql-row" style={grid.row} aria-rowindex={1}>
            {columns.map(({ name, type }, index) => (
              <th key={`${index}`}>
                {name} <span class="faint">{type.toLowerCase()}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody style={{ height: `${height}px`, paddingTop: `${offset}px` }}>
          {shown.map((row, index) => (
            <tr key={first + index} class="sql-row" style={grid.row} aria-rowindex={first + index + 2}>
              {columns.map((_, at) => (
                <Cell key={`${at}`} value={row[at]} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** As wide as the first rows need, within bounds: a cell says all of a longer text when asked. */
function gridOf(columns: readonly SqlColumnReport[], rows: readonly Row[]) {
  const measured = rows.slice(0, MEASURED);
  const widths = columns.map(({ name, type }, index) => {
    const texts = measured.map(row => cellText(row[index]).length);
    const letters = Math.max(name.length + type.length + 1, ...texts);
    return Math.min(MOST_REM, Math.max(LEAST_REM, letters * LETTER_REM + 2));
  });
  const width = `max(100%, ${widths.reduce((sum, one) => sum + one, 0)}rem)`;
  return { width, row: { gridTemplateColumns: widths.map(one => `minmax(${one}rem, ${one}fr)`).join(' ') } };
}

function Cell({ value }: { readonly value: unknown }) {
  const text = cellText(value);
  const look = value === null ? 'faint' : typeof value === 'number' ? 'number' : undefined;
  return (
    <td class={look} title={text.length > 24 ? text : undefined}>
      {text}
    </td>
  );
}
