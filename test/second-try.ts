// The reporter of .ci/run, where a failed test is tried a second time: it names the test
// and its first failure, so that somebody mends it. A failed property counts as failed: its
// next draws say nothing of it. At the end it names the files that took longest.
import { existsSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';
import Mocha from 'mocha';

// biome-ignore lint/style/noDefaultExport: mocha takes the default of the file.
export default class SecondTry extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options?: Mocha.MochaOptions) {
    super(runner, options);
    runner.on(Mocha.Runner.constants.EVENT_TEST_RETRY, (test, error) => {
      console.log(`== second try: ${test.fullTitle()}: ${error.message.trim().replaceAll(/\s*\n\s*/g, ' / ')}`);
      console.log(error.stack);
      // A property says why it failed only in the cause.
      if (error.cause instanceof Error) console.log(`caused by ${error.cause.stack}`);
      if (isProperty(error)) console.log(`== failed for good: ${test.fullTitle()}`);
    });
    tellSlowest(runner);
  }
}

const SLOWEST = 25;
const SLOW_MS = 5_000;

interface Cost {
  ms: number;
  processorMs: number;
}

/** Tells what to look at where the tests take too long. */
function tellSlowest(runner: Mocha.Runner): void {
  const { EVENT_SUITE_BEGIN, EVENT_SUITE_END, EVENT_RUN_END } = Mocha.Runner.constants;
  const costs = new Map<string, Cost>();
  let began: Cost = { ms: 0, processorMs: 0 };
  const isOfFile = ({ parent }: Mocha.Suite) => parent?.root === true;
  runner.on(EVENT_SUITE_BEGIN, suite => {
    if (isOfFile(suite)) began = costSoFar();
  });
  runner.on(EVENT_SUITE_END, suite => {
    if (!isOfFile(suite)) return;
    const file = relative(process.cwd(), suite.file ?? '');
    const [now, before] = [costSoFar(), costs.get(file) ?? { ms: 0, processorMs: 0 }];
    costs.set(file, {
      ms: before.ms + now.ms - began.ms,
      processorMs: before.processorMs + now.processorMs - began.processorMs,
    });
  });
  runner.once(EVENT_RUN_END, () => {
    const slow = [...costs].filter(([, { ms }]) => ms >= SLOW_MS);
    const slowest = slow.sort(([, one], [, other]) => other.ms - one.ms).slice(0, SLOWEST);
    for (const [file, { ms, processorMs }] of slowest)
      console.log(`== took ${Math.round(ms / 1_000)} s, ${Math.round(processorMs / 1_000)} s of processor: ${file}`);
  });
}

const HUNDREDTHS_OF_A_SECOND_IN_MS = 10;

/** With what processes that have ended used, and without services, which run on. */
function costSoFar(): Cost {
  // Fields of proc_pid_stat(5), counted behind the name: utime, stime, cutime, cstime.
  const stat = existsSync('/proc/self/stat') ? readFileSync('/proc/self/stat', 'utf8') : '';
  const ticks = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 15);
  const processorMs = ticks.reduce((sum, count) => sum + Number(count), 0) * HUNDREDTHS_OF_A_SECOND_IN_MS;
  return { ms: performance.now(), processorMs };
}

/** fast-check says how often it drew, and with which seed it fails again. */
function isProperty(error: Error): boolean {
  return error.message.includes('Property failed after');
}
