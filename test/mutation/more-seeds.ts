// More seeds of the simulation, for mutants that nothing else finds.
import { testSeeds } from './test-seeds.ts';

testSeeds(30, [70, 100, 200]);
