// A point read of a View through the public listener, against a node:http handler that answers
// nothing: CPU per request on one core, rounds interleaved.
// `--seconds 1 --rounds 2` for a quick look.
import { parseArgs } from 'node:util';
import { load, toRequest } from '../measure/load.ts';
import { median, publish, toTable } from '../measure/report.ts';
import { canPin, pinSelf, type ServerProcess, startServer } from '../measure/server-process.ts';

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
const PATH = '/seen?key=row-77';
const BAR = 1.2;

pinSelf(0);
const EMPTY = 'empty handler';
const servers: [name: string, server: ServerProcess, path: string][] = [
  [EMPTY, await startServer(['../gateway/gateway-cache/empty.mjs'], 1, here), '/'],
  ['point read', await startServer(source, 1, here), PATH],
  ['point read, answers kept', await startServer(source, 1, here, { CACHE: 'on' }), PATH],
];
const samples = new Map<string, { rate: number; cpuUs: number }[]>(servers.map(([name]) => [name, []]));
for (let round = 0; round <= rounds; round++) {
  for (const [name, { port, cpuMs }, path] of servers) {
    const before = cpuMs();
    const request = toRequest('GET', path);
    const durationMs = Number(values.seconds) * 1000;
    const connections = Number(values.connections);
    const { requests, seconds } = await load({ port, connections, durationMs, request, varying: true });
    // Round 0 warms up.
    if (round > 0) samples.get(name)?.push({ rate: requests / seconds, cpuUs: ((cpuMs() - before) * 1000) / requests });
  }
}
for (const [, server] of servers) server.stop();

const of = (name: string, figure: 'rate' | 'cpuUs') => median((samples.get(name) ?? []).map(sample => sample[figure]));
const ratio = (name: string) => of(name, 'cpuUs') / of(EMPTY, 'cpuUs');
const rows = servers.map(([name]) => [
  name,
  Math.round(of(name, 'rate')).toLocaleString('en'),
  of(name, 'cpuUs').toFixed(1),
  `${ratio(name).toFixed(2)}×`,
]);
const verdict = (name: string) => `${name} ${ratio(name).toFixed(2)}× (${ratio(name) <= BAR ? 'met' : '**missed**'})`;
publish('view-read', 'A point read of a View through the public listener', [
  `${values.connections} connections, one request in flight on each; all threads of the server ${canPin ? 'pinned to one core, load from the other' : 'not pinned'}; median of ${rounds} interleaved rounds of ${values.seconds} s. 10,000 rows of 250 bytes in SQLite, folded by the same process; each answer says how fresh it is.`,
  toTable(['', 'requests/s', 'CPU µs/request', 'of empty'], rows),
  `Bar: at most ${BAR}× an empty handler: ${verdict('point read')}, ${verdict('point read, answers kept')}. A read goes to the database thread and back, and passes the whole listener: head, route, deadline, question, generation, freshness, metrics. A hit of the listener's own response cache is 1.41× (gateway-cache.md): that is the least that anything behind the listener can cost.`,
]);
process.exit(0);
