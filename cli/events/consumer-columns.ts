// The columns that show how Subscriptions and Queues do.

import type { ConsumerReport } from '../../admin/event-view.ts';
import type { Column } from '../output/table.ts';
import { relativeAge } from '../relative-age.ts';
import type { Paint, Style } from '../style.ts';
import { lastErrorWords } from './cause-words.ts';

const STATE_PAINT: Readonly<Record<ConsumerReport['state'], 'green' | 'red' | 'yellow' | 'dim'>> = {
  starting: 'yellow',
  running: 'green',
  resting: 'yellow',
  paused: 'yellow',
  stopped: 'red',
  finished: 'dim',
};

export function statePaint(style: Style, state: ConsumerReport['state']): Paint {
  return style[STATE_PAINT[state]];
}

export function consumerColumns(
  style: Style,
  { wide, namespaces, kinds }: { readonly wide: boolean; readonly namespaces: boolean; readonly kinds: boolean },
): Column<ConsumerReport>[] {
  return [
    ...(namespaces ? [{ title: 'NAMESPACE', value: (row: ConsumerReport) => row.namespace }] : []),
    ...(kinds ? [{ title: 'KIND', value: (row: ConsumerReport) => row.kind }] : []),
    { title: 'NAME', value: row => row.name, paint: () => style.bold },
    { title: 'STATE', value: row => row.state, paint: row => statePaint(style, row.state) },
    { title: 'LAG', value: row => row.lag ?? '?' },
    { title: 'OLDEST', value: row => relativeAge(row.oldestAgeMs) },
    { title: 'IN FLIGHT', value: row => row.inFlight },
    { title: 'PARKED', value: row => row.parkedEvents },
    { title: 'DEAD', value: row => row.deadLetters, paint: row => (row.deadLetters > 0 ? style.red : undefined) },
    ...(wide
      ? [
          { title: 'PARKED KEYS', value: (row: ConsumerReport) => row.parkedKeys },
          { title: 'DELIVERED', value: (row: ConsumerReport) => row.delivered },
          { title: 'ATTEMPTS', value: (row: ConsumerReport) => row.attempts },
          { title: 'FAILURES', value: (row: ConsumerReport) => row.failures },
          { title: 'TOPIC', value: (row: ConsumerReport) => row.topic },
        ]
      : []),
    { title: 'TARGET', value: row => (row.replayOf === undefined ? row.target : `${row.target} (replay)`) },
    ...(wide ? [{ title: 'LAST ERROR', value: (row: ConsumerReport) => lastErrorWords(row, Date.now()) }] : []),
  ];
}
