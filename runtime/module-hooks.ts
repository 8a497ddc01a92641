// Follows which modules the function loads, lets it import `tenfold` where its own folder has no
// copy installed, and reads bundles that are compressed.
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import { isOwnModule, ownSdk } from './own-modules.ts';

const MISSING = new Set(['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND', 'ERR_PACKAGE_PATH_NOT_EXPORTED']);

/**
 * `onFile` gets the absolute path of each local module, once; those under node_modules
 * and our own are left out.
 */
export function followModules(onFile: (file: string) => void): void {
  const seen = new Set<string>();
  registerHooks({
    resolve(specifier, context, next) {
      const own = ownSdk[specifier];
      if (own === undefined) return next(specifier, context);
      try {
        return next(specifier, context);
      } catch (error) {
        if (!isMissing(error)) throw error;
        return { url: own, shortCircuit: true };
      }
    },
    load(url, context, next) {
      if (url.startsWith('file:') && !isOwnModule(url) && !url.includes('/node_modules/')) {
        const file = fileURLToPath(url);
        if (!seen.has(file)) {
          seen.add(file);
          onFile(file);
        }
      }
      return isCompressed(url) ? loadCompressed(url) : next(url, context);
    },
  });
}

/**
 * A bundle as `tenfold apply` stores it: one module of ECMAScript, with its source map, in gzip.
 */
export function isCompressed(file: string): boolean {
  return file.endsWith('.gz');
}

function loadCompressed(url: string) {
  // Loaded only when it is used: other functions need not pay for it.
  const { gunzipSync } = process.getBuiltinModule('node:zlib');
  // Errors from there have the places of the sources.
  process.setSourceMapsEnabled(true);
  const source = gunzipSync(readFileSync(fileURLToPath(url))).toString('utf8');
  return { format: 'module', source, shortCircuit: true };
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && MISSING.has(String(error.code));
}
