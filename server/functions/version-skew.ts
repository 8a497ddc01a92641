// Notices that an application has installed another version of the SDK than that of this platform.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { packageVersion } from '../version.ts';

interface Installed {
  readonly version: string;
  /** The folder whose `node_modules` has it. */
  readonly folder: string;
}

/**
 * Names both versions and the command that makes them one. Undefined where the SDK has the version
 * of the platform, or none is installed: then functions get the copy of the platform.
 */
export function versionSkew(directory: string, platform = packageVersion): string | undefined {
  const sdk = installedSdk(directory);
  if (sdk === undefined || sdk.version === platform) return undefined;
  const version = newerOf(sdk.version, platform);
  return (
    `The application has the package tenfold in version ${sdk.version}, and @tenfold/cli, which runs it, has version ${platform}. ` +
    `Only equal versions are tested together. Run "npm install --save-dev --save-exact tenfold@${version} @tenfold/cli@${version}" in ${sdk.folder}.`
  );
}

/** As imports find it: in the nearest folder upwards. */
function installedSdk(directory: string): Installed | undefined {
  for (let folder = directory; ; folder = dirname(folder)) {
    const version = versionIn(join(folder, 'node_modules/tenfold/package.json'));
    if (version !== undefined) return { version, folder };
    if (dirname(folder) === folder) return undefined;
  }
}

/** Undefined for a file that is not there, or is no package: an import of it says what is wrong. */
function versionIn(file: string): string | undefined {
  try {
    const { version } = JSON.parse(readFileSync(file, 'utf8')) as { readonly version?: unknown };
    return typeof version === 'string' ? version : undefined;
  } catch {
    return undefined;
  }
}

/** A release is newer than what was tried before it, such as 1.0.0-rc.1. */
function newerOf(one: string, other: string): string {
  const [numbers = '', tried] = one.split('-', 2);
  const [otherNumbers = '', otherTried] = other.split('-', 2);
  const order = compareNumbers(numbers, otherNumbers);
  if (order !== 0) return order > 0 ? one : other;
  if (tried === undefined || otherTried === undefined) return tried === undefined ? one : other;
  return compareNumbers(tried, otherTried) > 0 ? one : other;
}

function compareNumbers(one: string, other: string): number {
  return one.localeCompare(other, 'en', { numeric: true });
}
