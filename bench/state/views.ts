// Views: how fast they fold, and how soon they answer; each in a process of its own on one core.
// `--events 30000 --documents 20000 --rounds 1` for a quick look.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { median, publish, toTable } from '../measure/report.ts';

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '1000000' },
    documents: { type: 'string', default: '100000' },
    rounds: { type: 'string', default: '3' },
  },
});
const rounds = Number(values.rounds);

interface Figures {
  readonly rate: number;
  readonly cpuUs: number;
  readonly rssMb: number;
  readonly p50: number;
  readonly p99: number;
}

interface Subject {
  readonly name: string;
  readonly what: string;
  readonly events: string;
  /** Bars: events a second at least, and the longest that a question may take, milliseconds. */
  readonly rate?: number;
  readonly p50?: number;
  readonly p99?: number;
}

const subjects: readonly Subject[] = [
  { name: 'table', what: 'a row by its key', events: values.events, rate: 50_000 },
  { name: 'table, each published twice', what: 'a row by its key', events: values.events },
  { name: 'table, two indexes', what: 'a row by its key', events: values.events },
  { name: 'aggregate, 10,000 keys', what: 'a row by its key', events: values.events, rate: 50_000 },
  { name: 'ranking', what: 'the top 100', events: values.events, rate: 50_000, p50: 1 },
  { name: 'search', what: 'words, typos, filters, suggestions', events: values.documents, rate: 5_000, p99: 20 },
];

const rows: string[][] = [];
let missed = 0;
for (const subject of subjects) {
  const all = Array.from({ length: rounds }, () => measure(subject.name, subject.events));
  const of = (figure: keyof Figures) => median(all.map(each => each[figure]));
  const { rate, p50, p99 } = subject;
  const bars = [
    ...(rate === undefined ? [] : [[`≥ ${rate.toLocaleString('en')}/s`, of('rate') >= rate] as const]),
    ...(p50 === undefined ? [] : [[`p50 ≤ ${p50} ms`, of('p50') <= p50] as const]),
    ...(p99 === undefined ? [] : [[`p99 ≤ ${p99} ms`, of('p99') <= p99] as const]),
  ];
  missed += bars.filter(([, isMet]) => !isMet).length;
  rows.push([
    subject.name,
    Math.round(of('rate')).toLocaleString('en'),
    of('cpuUs').toFixed(1),
    of('rssMb').toFixed(0),
    subject.what,
    of('p50').toFixed(2),
    of('p99').toFixed(2),
    bars.map(([bar, isMet]) => `${bar}: ${isMet ? 'met' : 'missed'}`).join(', '),
  ]);
}
publish('views', 'Views: folding and answering', [
  `Events of about 200 bytes, each of another row, member or document, where it is not published twice or added to one of 10,000 keys: ${Number(values.events).toLocaleString('en')} of them, ${Number(values.documents).toLocaleString('en')} for the search (fourteen words, with word forms, sounds, typos and suggestions). Everything of the platform that a View needs runs in one process on one core: reading the topic, the internal topic, the fold, the database. CPU is that of all threads.`,
  toTable(['view', 'events/s', 'µs CPU/event', 'MiB', 'asked for', 'p50 ms', 'p99 ms', 'bar'], rows),
  `Where it goes for the table, by a profile of the serving thread on 2026-11-26, filling the topic included: a third in records taken apart, put together and checked, of which each event is two; an eighth in handing frames to the threads of the database; a tenth in garbage; an eighth in the expressions and JSON of the View.`,
]);
process.exitCode = missed === 0 ? 0 : 1;

function measure(name: string, events: string): Figures {
  const script = join(import.meta.dirname, 'views/run.ts');
  const node = [process.execPath, '--conditions=tenfold-source', '--disable-warning=ExperimentalWarning'];
  const [program = '', ...args] = ['taskset', '-c', '1', ...node, script, name, events, '2000'];
  const printed = execFileSync(program, args, { encoding: 'utf8' });
  return JSON.parse(printed.trim().split('\n').at(-1) ?? '');
}
