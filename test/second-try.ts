// The reporter of .ci/run, where a failed test is tried a second time: names it and what it failed of at first, as such a test, or what it tests, is to be mended.
import Mocha from 'mocha';

// biome-ignore lint/style/noDefaultExport: mocha takes the default of the file.
export default class SecondTry extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options?: Mocha.MochaOptions) {
    super(runner, options);
    runner.on(Mocha.Runner.constants.EVENT_TEST_RETRY, (test, error) => {
      console.log(`== second try: ${test.fullTitle()}: ${error.message.trim().replaceAll(/\s*\n\s*/g, ' / ')}`);
      console.log(error.stack);
    });
  }
}
