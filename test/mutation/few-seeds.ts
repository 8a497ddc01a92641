// The first seeds of the simulation as tests: they find most mutants, so they come first.
import { testSeeds } from './test-seeds.ts';

testSeeds(0, [3, 7, 20]);
