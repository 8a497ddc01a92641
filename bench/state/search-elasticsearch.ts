// Views that are searched in Elasticsearch: how fast they fold, and how soon they answer; the
// platform on one core, Elasticsearch on the other.
// `--documents 20000 --rounds 1` for a quick look. TENFOLD_TEST_ELASTICSEARCH names one
// that runs already, elsewhere.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { elasticsearch, startElasticsearch } from '../../test/services/elasticsearch.ts';
import { median, publish, toTable } from '../measure/report.ts';

const { values } = parseArgs({
  options: { documents: { type: 'string', default: '100000' }, rounds: { type: 'string', default: '3' } },
});
const RATE = 5_000;
const P99_MS = 20;
/** Of clock ticks. */
const TICK_MS = 10;

interface Figures {
  readonly rate: number;
  readonly cpuUs: number;
  readonly rssMb: number;
  readonly p50: number;
  readonly p99: number;
}

const given = process.env[elasticsearch.variable];
const server = given ? undefined : await startElasticsearch({ isMeasured: true });
const url = given ?? server?.url ?? '';
if (server) execFileSync('taskset', ['-acp', '0', String(server.pid)], { stdio: 'ignore' });
const before = loadavg()[0] ?? 0;
const rounds: (Figures & { readonly serverUs: number })[] = [];
// The first one warms Elasticsearch up.
for (let round = 0; round <= Number(values.rounds); round++) {
  const began = cpuMs();
  const figures = measure();
  const serverUs = ((cpuMs() - began) * 1000) / Number(values.documents);
  if (round > 0) rounds.push({ ...figures, serverUs });
}
const after = loadavg()[0] ?? 0;
await server?.stop();

const of = (figure: keyof (typeof rounds)[number]) => median(rounds.map(each => each[figure]));
const isFast = of('rate') >= RATE;
const isSoon = of('p99') <= P99_MS;
const bars = `≥ ${RATE.toLocaleString('en')}/s: ${isFast ? 'met' : 'missed'}, p99 ≤ ${P99_MS} ms: ${isSoon ? 'met' : 'missed'}`;
publish('search-elasticsearch', 'Views that are searched in Elasticsearch', [
  `${Number(values.documents).toLocaleString('en')} events of about 200 bytes, each of another document: fourteen words, with word forms, sounds, typos and suggestions, a keyword and a number. One process on one core reads the topic, writes and reads the internal topic (SQLite), takes the texts apart and sends them; Elasticsearch 9.5.3 (one node, heap 512 MB, one shard, every request synced to its disk) has the other core. Then words, typos, filters with an order, and suggestions in turn. Median of ${rounds.length} rounds; CPU of Elasticsearch with that of the questions.`,
  toTable(
    ['view', 'events/s', 'µs CPU/event', 'µs CPU/event of Elasticsearch', 'MiB', 'p50 ms', 'p99 ms', 'bar'],
    [
      [
        'search',
        Math.round(of('rate')).toLocaleString('en'),
        of('cpuUs').toFixed(1),
        server ? of('serverUs').toFixed(1) : '',
        of('rssMb').toFixed(0),
        of('p50').toFixed(2),
        of('p99').toFixed(2),
        bars,
      ],
    ],
  ),
  `Load of the machine before and after: ${before.toFixed(1)} and ${after.toFixed(1)} (what is measured makes about 2); above that others were at work on it, and rates are lower and times longer than they would be.`,
]);
process.exitCode = isFast && isSoon ? 0 : 1;

function measure(): Figures {
  const script = join(import.meta.dirname, 'views/run.ts');
  const node = [process.execPath, '--conditions=tenfold-source', '--disable-warning=ExperimentalWarning'];
  const [program = '', ...args] = ['taskset', '-c', '1', ...node, script, 'search', values.documents, '2000', url];
  const printed = execFileSync(program, args, { encoding: 'utf8' });
  return JSON.parse(printed.trim().split('\n').at(-1) ?? '');
}

/** CPU time of Elasticsearch so far. */
function cpuMs(): number {
  if (!server) return 0;
  const fields = readFileSync(`/proc/${server.pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}
