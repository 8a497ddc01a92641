// Writes the reference page of the configuration, or with --check says that it is out of date.
import { writeOutputs } from '../../resources/generate/write-outputs.ts';
import { configPage } from './reference-page.ts';

writeOutputs(new Map([['docs/reference/configuration.md', configPage()]]), process.argv.slice(2));
