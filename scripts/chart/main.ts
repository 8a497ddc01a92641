// Writes what of the chart is generated, or with --check says what of it is out of date.
import { writeOutputs } from '../../resources/generate/write-outputs.ts';
import { outputs } from './outputs.ts';

writeOutputs(outputs(), process.argv.slice(2));
