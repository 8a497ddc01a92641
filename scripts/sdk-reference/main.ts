// Writes the reference page of the SDK, or with --check says that it is out of date.
import { writeOutputs } from '../../resources/generate/write-outputs.ts';
import { sdkPage } from './page.ts';

writeOutputs(new Map([['docs/reference/sdk.md', sdkPage()]]), process.argv.slice(2));
