// The reporter of .ci/run, where a failed test is tried a second time: it names the test
// and its first failure, so that somebody mends it. A failed property counts as failed: its
// next draws say nothing of it.
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
  }
}

/** fast-check says how often it drew, and with which seed it fails again. */
function isProperty(error: Error): boolean {
  return error.message.includes('Property failed after');
}
