// The first seeds of the folds' simulation as tests.
import { testFolds } from './test-folds.ts';

testFolds(0, [2, 8]);
