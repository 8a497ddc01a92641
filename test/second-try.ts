// The reporter of .ci/run, where a failed test is tried a second time: it names the test
// and its first failure, so that somebody mends it. A failed property counts as failed: its
// next draws say nothing of it. At the end it names the files that took longest.
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

/** Tells what to look at where the tests take too long. */
function tellSlowest(runner: Mocha.Runner): void {
  const { EVENT_SUITE_BEGIN, EVENT_SUITE_END, EVENT_RUN_END } = Mocha.Runner.constants;
  const ms = new Map<string, number>();
  let began = 0;
  const isOfFile = ({ parent }: Mocha.Suite) => parent?.root === true;
  runner.on(EVENT_SUITE_BEGIN, suite => {
    if (isOfFile(suite)) began = performance.now();
  });
  runner.on(EVENT_SUITE_END, suite => {
    const file = relative(process.cwd(), suite.file ?? '');
    if (isOfFile(suite)) ms.set(file, (ms.get(file) ?? 0) + performance.now() - began);
  });
  runner.once(EVENT_RUN_END, () => {
    const slow = [...ms].filter(([, took]) => took >= SLOW_MS);
    const slowest = slow.sort(([, one], [, other]) => other - one).slice(0, SLOWEST);
    for (const [file, took] of slowest) console.log(`== took ${Math.round(took / 1_000)} s: ${file}`);
  });
}

/** fast-check says how often it drew, and with which seed it fails again. */
function isProperty(error: Error): boolean {
  return error.message.includes('Property failed after');
}
