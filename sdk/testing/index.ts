// The imports of tests from `tenfold/testing`: run a function in any test runner, with fakes behind
// its clients.
export { call } from './call.ts';
export {
  type Delivered,
  type DeliveredBatch,
  type DeliverOptions,
  deliver,
  deliverBatch,
  type TestEvent,
} from './deliver.ts';
export type { FakeCache } from './fake-cache.ts';
export type { TestRequest } from './memory-request.ts';
export type { TestAnswer } from './test-answer.ts';
export { createTestContext, type LogLine, type TestContext, type TestContextOptions } from './test-context.ts';
