// Writes the files that are generated from the kinds and from core, or with --check names the
// outdated ones.
import { outputs } from './outputs.ts';
import { writeOutputs } from './write-outputs.ts';

writeOutputs(outputs(), process.argv.slice(2));
