// Writes what is generated from the kinds and from core, or with --check says what of it is out of date.
import { outputs } from './outputs.ts';
import { writeOutputs } from './write-outputs.ts';

writeOutputs(outputs(), process.argv.slice(2));
