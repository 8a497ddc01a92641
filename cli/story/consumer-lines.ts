// The table of consumers in a story. Below each one stands what is to be said of it, in lines that
// fit any terminal.
import type { ConsumerStory } from '../../admin/story-view.ts';
import { consumerNameOf } from '../dead/list.ts';
import { type Column, oneLine, renderTable } from '../output/table.ts';
import { wrap } from '../output/wrap.ts';
import { nextWords } from '../parked/list.ts';
import type { Paint, Style } from '../style.ts';
import { whyWords } from './why-words.ts';

export const WIDTH = 100;
const INDENT = '    ';

const PAINTS: Readonly<Record<ConsumerStory['fate'], 'green' | 'red' | 'yellow' | 'dim'>> = {
  waiting: 'yellow',
  running: 'yellow',
  parked: 'yellow',
  held: 'red',
  dead: 'red',
  purged: 'dim',
  filtered: 'dim',
  done: 'green',
  unknown: 'red',
};

/** A row of the table; `name` stands in its first column. */
export interface FateRow {
  readonly name: string;
  readonly story: Omit<ConsumerStory, 'consumer'>;
}

export function consumerTable(consumers: readonly ConsumerStory[], style: Style, now: number): string {
  const rows = consumers.map(story => ({ name: consumerNameOf(story.consumer), story }));
  return fateTable('CONSUMER', rows, style, now);
}

export function fateTable(title: string, rows: readonly FateRow[], style: Style, now: number): string {
  const columns: Column<FateRow>[] = [
    { title, value: ({ name }) => name, paint: () => style.bold },
    { title: 'STATE', value: ({ story }) => story.fate, paint: ({ story: { fate } }): Paint => style[PAINTS[fate]] },
    { title: 'ATTEMPTS', value: ({ story }) => story.attempts ?? '-' },
    { title: 'NEXT', value: ({ story }) => nextWords(story, now) },
  ];
  const [titles = '', ...lines] = renderTable(columns, rows).split('\n');
  const all = lines.flatMap((line, index) => {
    const story = rows[index]?.story;
    const words = story ? oneLine(whyWords(story)) : '';
    return words === '' ? [line] : [line, ...wrap(words, WIDTH - INDENT.length).map(each => INDENT + each)];
  });
  return [titles, ...all].join('\n');
}
