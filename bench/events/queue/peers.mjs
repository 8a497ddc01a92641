// One run of a queue on Redis or PostgreSQL: jobs added one by one by 64 callers, then worked 64 at
// a time by a worker that does nothing.
const [subject, port, count] = process.argv.slice(2);
const jobs = Number(count);
const AT_ONCE = 64;
const data = { orderId: '0193f3a2-17', table: 7, items: 'x'.repeat(200 - 54) };

const { add, work, close } = await { bullmq, 'graphile-worker': graphile, 'pg-boss': pgBoss }[subject]();
const added = await measure(async () => {
  let left = jobs;
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (left-- > 0) await add(data);
    }),
  );
});
let done = 0;
const all = Promise.withResolvers();
const worked = await measure(async () => {
  await work(() => {
    if (++done === jobs) all.resolve();
  });
  await all.promise;
});
console.log(JSON.stringify({ added: added.rate, addCpuUs: added.cpuUs, worked: worked.rate, workCpuUs: worked.cpuUs }));
await Promise.race([close(), new Promise(resolve => setTimeout(resolve, 1000))]);
process.exit(0);

async function measure(run) {
  const before = process.cpuUsage();
  const started = performance.now();
  await run();
  const { user, system } = process.cpuUsage(before);
  return { rate: jobs / ((performance.now() - started) / 1000), cpuUs: (user + system) / jobs };
}

async function bullmq() {
  const { Queue, Worker } = await import('bullmq');
  const connection = { host: '127.0.0.1', port: Number(port) };
  const queue = new Queue('bench', { connection, defaultJobOptions: { removeOnComplete: true } });
  await queue.waitUntilReady();
  let worker;
  return {
    add: each => queue.add('job', each),
    async work(note) {
      worker = new Worker('bench', async () => note(), { connection, concurrency: AT_ONCE });
    },
    async close() {
      await worker.close();
      await queue.close();
    },
  };
}

async function graphile() {
  const { makeWorkerUtils, run } = await import('graphile-worker');
  const { Pool } = await import('pg');
  const pgPool = new Pool({ host: '127.0.0.1', port: Number(port), user: 'bench', database: 'bench', max: 20 });
  pgPool.on('error', () => {});
  const utils = await makeWorkerUtils({ pgPool });
  await utils.migrate();
  let runner;
  return {
    add: each => utils.addJob('job', each),
    async work(note) {
      const logger = new (await import('graphile-worker')).Logger(() => () => {});
      runner = await run({
        pgPool,
        concurrency: AT_ONCE,
        logger,
        noHandleSignals: true,
        taskList: { job: async () => note() },
      });
    },
    close: () => runner.stop(),
  };
}

async function pgBoss() {
  const { PgBoss } = await import('pg-boss');
  const boss = new PgBoss({ host: '127.0.0.1', port: Number(port), user: 'bench', database: 'bench', max: 20 });
  boss.on('error', error => console.error(error));
  await boss.start();
  await boss.createQueue('bench');
  return {
    add: each => boss.send('bench', each),
    async work(note) {
      // It fetches at an interval, half a second at the least: large batches by several
      // fetchers are its quickest way.
      for (let fetcher = 0; fetcher < 8; fetcher++) {
        await boss.work('bench', { batchSize: 1000, pollingIntervalSeconds: 0.5 }, async batch => {
          for (const _job of batch) note();
        });
      }
    },
    close: () => boss.stop({ graceful: false }),
  };
}
