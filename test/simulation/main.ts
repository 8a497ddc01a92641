// Runs the simulation from the command line: a sweep of seeds, one seed again, or one plan again.
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { createConsumer } from './consumers/all.ts';
import { missingSights } from './model/sights.ts';
import { explain } from './runner/explain.ts';
import { planOf } from './runner/plan-of.ts';
import { collectRejections } from './runner/run-once.ts';
import { sweep } from './runner/sweep.ts';
import { drawPlan } from './scenario/draw-plan.ts';
import type { Plan } from './scenario/plan.ts';
import { comparedText, tooFewCompared } from './stories/compared.ts';

const { values } = parseArgs({
  options: {
    /** See consumers/all.ts. */
    consumer: { type: 'string', default: 'dispatcher' },
    seeds: { type: 'string', default: '10000' },
    from: { type: 'string', default: '0' },
    jobs: { type: 'string', default: String(availableParallelism()) },
    'go-on': { type: 'boolean', default: false },
    seed: { type: 'string' },
    plan: { type: 'string' },
  },
});

const MOST_SHOWN = 20;

const consumer = createConsumer(values.consumer);
const one = values.plan !== undefined || values.seed !== undefined;
process.exitCode = one ? await again() : await sweepAll();

async function again(): Promise<number> {
  const plan: Plan = values.plan === undefined ? drawPlan(Number(values.seed)) : JSON.parse(values.plan);
  const text = await explain(plan, consumer, collectRejections());
  console.log(text);
  return text.endsWith('nothing is wrong') ? 0 : 1;
}

async function sweepAll(): Promise<number> {
  const count = Number(values.seeds);
  const from = Number(values.from);
  const began = performance.now();
  const report = await sweep({
    consumer: values.consumer,
    from,
    count,
    jobs: Number(values.jobs),
    goOn: values['go-on'],
    progress(done) {
      if (process.stderr.isTTY) process.stderr.write(`\r${done} of ${count}`);
    },
  });
  const seconds = (performance.now() - began) / 1_000;
  console.log(`\n${report.runs} schedules, ${report.steps} steps, ${seconds.toFixed(1)} s`);
  console.log(comparedText(report.stories));
  for (const [sight, times] of [...report.sights].sort()) console.log(`  ${String(times).padStart(7)}  ${sight}`);
  for (const { seed, message } of report.failures.slice(0, MOST_SHOWN)) console.log(`FAILED seed ${seed}: ${message}`);
  const [first] = report.failures;
  if (first) {
    console.log(await explain(planOf(first.seed, first.focus), consumer, collectRejections()));
    return 1;
  }
  const missing = missingSights(report.sights, report.runs);
  for (const sight of missing) console.log(`FAILED: no run ever saw: ${sight}`);
  const tooFew = consumer.hasParkingLog ? tooFewCompared(report.stories, report.runs) : undefined;
  if (tooFew !== undefined) console.log(`FAILED: ${tooFew}`);
  return missing.length > 0 || tooFew !== undefined ? 1 : 0;
}
