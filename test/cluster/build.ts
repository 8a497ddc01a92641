// Builds what tests run in a cluster, so that it is there when they come: minutes of the compiler,
// which .ci/run has beside tests that mostly wait.
import { buildGo, buildKube } from './go-binary.ts';

await buildKube();
for (const folder of ['coredns', 'pause', 'echo', 'collector']) await buildGo(folder);
// The sample of functions/receipts, for test/e2e/receipts.
await buildGo('../../functions/receipts/go', '', '.', 'receipts');
