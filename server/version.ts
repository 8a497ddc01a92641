// The version of this package, as package.json says it.
import { readFileSync } from 'node:fs';
import { packageFile } from './package-file.ts';

interface Package {
  readonly version: string;
}

export const packageVersion = (JSON.parse(readFileSync(packageFile('package.json'), 'utf8')) as Package).version;
