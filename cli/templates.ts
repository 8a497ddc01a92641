// The folder of the files that commands write or print.
import { packageFile } from '../server/package-file.ts';

/** Absolute path, in the sources as in an installed package. */
export function templatePath(path: string): string {
  return packageFile(`cli/templates/${path}`);
}
