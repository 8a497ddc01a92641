// Measures how an import, and clients, load the slow service of `functions/content-import` with and
// without the queue, and draws it there.
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { toSvg } from '../functions/content-import/load/chart.ts';
import { sendSteadily } from '../functions/content-import/load/clients.ts';
import { clientTable, importTable, type Rate } from '../functions/content-import/load/table.ts';
import { type Run, watch } from '../functions/content-import/load/watch.ts';
import { importAtOnce } from '../functions/content-import/load/without-queue.ts';
import { type Prepared, prepare } from '../functions/content-import/prepare.ts';
import { articles as makeArticles } from '../functions/content-import/search-index/articles.ts';
import { type Platform, startPlatform } from '../server/platform.ts';

const { values } = parseArgs({
  options: {
    articles: { type: 'string', default: '5000' },
    rates: { type: 'string', default: '20,60,200,400' },
    seconds: { type: 'string', default: '5' },
  },
});
const COUNT = Number(values.articles);
const BATCH = 25;
const LIMIT_MS = 900_000;
const folder = join(import.meta.dirname, '../functions/content-import/load');
const signal = AbortSignal.timeout(LIMIT_MS);
const titled = (count: number) => makeArticles(count).filter(({ title }) => title !== '');

const articles = titled(COUNT);
const runs = [await withoutQueue(1), await withoutQueue(BATCH), await throughQueue()];
const rates: Rate[] = [];
for (const rate of values.rates.split(',').map(Number)) rates.push(await clients(rate, Number(values.seconds)));

const { model = 'unknown' } = cpus()[0] ?? {};
const machine = `${cpus().length} cores (${model.trim()})`;
const text = `# What the queue does to the load

${new Date().toISOString().slice(0, 10)}, Node ${process.versions.node}, ${machine}. Clients, platform, functions and service share the machine.

## An import of ${articles.length.toLocaleString('en')} articles

![load](load.svg)

${importTable(runs)}

## Clients that send for ${values.seconds} seconds

Time until the answer, p50 / p99 of those that were not refused: saved, when sent straight to the service; accepted, when sent to the API.

${clientTable(rates)}
`;
writeFileSync(join(folder, 'load.svg'), toSvg(runs));
writeFileSync(join(folder, 'load.md'), text);
process.stdout.write(text);

async function withoutQueue(batch: number): Promise<Run> {
  const name = batch === 1 ? 'one by one, at once' : `batches of ${batch}, at once`;
  return withService(async ({ relational: service }) => {
    const importing = importAtOnce({ service, articles, batch, signal });
    const [seen] = await Promise.all([watch(service, articles.length, signal), importing]);
    return { name, seen };
  });
}

async function throughQueue(): Promise<Run> {
  return withPlatform(async ({ relational }, { addresses }) => {
    const importing = fetch(`${addresses.public}/content/imports`, { method: 'POST', signal }).then(async answer => {
      if (!answer.ok) throw new Error(`the import could not begin: ${answer.status} ${await answer.text()}`);
    });
    const [seen] = await Promise.all([watch(relational, articles.length, signal), importing]);
    return { name: 'through the queue', seen };
  });
}

async function clients(rate: number, seconds: number): Promise<Rate> {
  const articles = titled(rate * seconds);
  const direct = await withService(({ relational }) => {
    const url = `${relational}/articles`;
    return sendSteadily({ url, articles, rate, signal, toBody: article => ({ articles: [article] }) });
  });
  return withPlatform(async ({ relational }, { addresses }) => {
    const url = `${addresses.public}/content/submissions`;
    const sending = sendSteadily({ url, articles, rate, signal, toBody: article => article });
    const [queued, seen] = await Promise.all([sending, watch(relational, articles.length, signal)]);
    return { rate, direct, queued, queuedSavedMs: seen.at(-1)?.atMs ?? 0 };
  });
}

/** Each measurement begins with an empty service. */
async function withService<T>(measure: (prepared: Prepared) => Promise<T>): Promise<T> {
  const prepared = await prepare(COUNT);
  try {
    return await measure(prepared);
  } finally {
    await prepared.close();
  }
}

function withPlatform<T>(measure: (prepared: Prepared, platform: Platform) => Promise<T>): Promise<T> {
  return withService(async prepared => {
    const platform = await startPlatform({
      directory: prepared.directory,
      watch: false,
      host: '127.0.0.1',
      ports: { public: 0, internal: 0, admin: 0 },
      events: { refused: problems => process.stderr.write(`${problems.map(({ message }) => message).join('\n')}\n`) },
    });
    try {
      return await measure(prepared, platform);
    } finally {
      await platform.close(5_000);
    }
  });
}
