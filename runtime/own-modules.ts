// Tells this installation's own modules from the function's, wherever both lie.

const ROOT = new URL('..', import.meta.url).href;
const EXTENSION = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
/** Folders beside this file: source in the repository, bundles in the package. */
const FOLDERS = [
  ...['runtime/', 'sdk/', 'core/'].map(folder => ROOT + folder),
  // In a checkout that was built, the package of the SDK lies beside the bundles.
  ...(EXTENSION === '.js' ? [`${new URL('..', ROOT).href}sdk/dist/`] : []),
];

/** Addresses of the SDK by what functions import. */
export const ownSdk: Readonly<Record<string, string>> = {
  tenfold: `${ROOT}sdk/index${EXTENSION}`,
  'tenfold/testing': `${ROOT}sdk/testing/index${EXTENSION}`,
};

export function isOwnModule(url: string): boolean {
  return FOLDERS.some(folder => url.startsWith(folder));
}
