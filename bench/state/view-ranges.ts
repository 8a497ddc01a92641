// A page of 20 rows by a range of an index through the public listener, beside a point read and a
// count: CPU per request on one core, rounds interleaved.
// `--seconds 1 --rounds 2` for a quick look.
import { parseArgs } from 'node:util';
import { load, toRequest } from '../measure/load.ts';
import { median, publish, toTable } from '../measure/report.ts';
import { canPin, pinSelf, startServer } from '../measure/server-process.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '2' },
    rounds: { type: 'string', default: '5' },
    connections: { type: 'string', default: '32' },
  },
});
const here = import.meta.dirname;
const rounds = Number(values.rounds);
const source = ['--conditions=tenfold-source', '--disable-warning=ExperimentalWarning', 'view-life/listener.ts'];
const BAR = 2;
const POINT = 'point read';
const RANGE = '20 rows from a value on';
const RANGE_PATH = '/seen?index=group,at&value=g7&from=2000&limit=20';

pinSelf(0);
const { port, cpuMs, stop } = await startServer(source, 1, here, { INDEX: 'on' });
const questions: readonly (readonly [name: string, path: string])[] = [
  [POINT, '/seen?key=row-77'],
  [RANGE, RANGE_PATH],
  ['the same backwards', RANGE_PATH.replace('from', 'order=desc&to')],
  ['20 rows by their keys', `/seen?${Array.from({ length: 20 }, (_, n) => `keys=row-${n}`).join('&')}`],
  ['count of 80 rows', '/seen?index=group,at&value=g7&from=2000&count=true'],
];
const samples = new Map<string, { rate: number; cpuUs: number }[]>(questions.map(([name]) => [name, []]));
for (let round = 0; round <= rounds; round++) {
  for (const [name, path] of questions) {
    const before = cpuMs();
    const request = toRequest('GET', path);
    const durationMs = Number(values.seconds) * 1000;
    const connections = Number(values.connections);
    const { requests, seconds } = await load({ port, connections, durationMs, request, varying: true });
    // Round 0 warms up.
    if (round > 0) samples.get(name)?.push({ rate: requests / seconds, cpuUs: ((cpuMs() - before) * 1000) / requests });
  }
}
stop();

const of = (name: string, figure: 'rate' | 'cpuUs') => median((samples.get(name) ?? []).map(sample => sample[figure]));
const ratio = (name: string) => of(name, 'cpuUs') / of(POINT, 'cpuUs');
const rows = questions.map(([name]) => [
  name,
  Math.round(of(name, 'rate')).toLocaleString('en'),
  of(name, 'cpuUs').toFixed(1),
  `${ratio(name).toFixed(2)}×`,
]);
publish('view-ranges', 'A range of rows of a View through the public listener', [
  `${values.connections} connections, one request in flight on each; all threads of the server ${canPin ? 'pinned to one core, load from the other' : 'not pinned'}; median of ${rounds} interleaved rounds of ${values.seconds} s. 10,000 rows of 250 bytes in SQLite, folded by the same process, 100 in each group of the index [group, at].`,
  toTable(['', 'requests/s', 'CPU µs/request', 'of a point read'], rows),
  `Bar: ${RANGE} at most ${BAR}× a point read: ${ratio(RANGE).toFixed(2)}× (${ratio(RANGE) <= BAR ? 'met' : '**missed**'}). The rows of a View are in 8 scopes, by their keys, so one statement merges a page of an index from all of them, for each type that the asked value may have.`,
]);
process.exit(0);
