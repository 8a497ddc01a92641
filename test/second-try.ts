// Loaded by .ci/run, where a failed test is tried a second time: says so, as such a test, or what it tests, is to be mended.
export const mochaHooks = {
  beforeEach(this: Mocha.Context): void {
    const test = this.currentTest as (Mocha.Test & { currentRetry(): number }) | undefined;
    if (test !== undefined && test.currentRetry() > 0) console.log(`== second try: ${test.fullTitle()}`);
  },
};
