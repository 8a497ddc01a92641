// More seeds of the folds' simulation, for mutants that nothing else finds.
import { testFolds } from './test-folds.ts';

testFolds(10, [50]);
