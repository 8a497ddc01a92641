// Bundles a function again only when one of its files has changed: a round of an application with
// many functions is as quick as one with few.
import type { Resource } from '../../resources/resource.ts';
import { type Bundled, bundleFunction } from '../source/bundle-function.ts';

export interface BundleCache {
  bundle(fn: Resource<'Function'>): Promise<Bundled>;
  /** Absolute path of a file whose content is another one now. */
  changed(file: string): void;
}

export function createBundleCache(make: (fn: Resource<'Function'>) => Promise<Bundled> = bundleFunction): BundleCache {
  const kept = new Map<string, Promise<Bundled>>();
  /** Files of bundles that are being made: their change comes too late to be in them, maybe. */
  let changes = 0;
  return {
    async bundle(fn) {
      const key = `${fn.metadata.namespace}/${fn.metadata.name} ${fn.origin.file} ${fn.spec.source}`;
      const before = kept.get(key);
      if (before) return before;
      const seen = changes;
      const making = make(fn);
      kept.set(key, making);
      const bundled = await making.catch(error => {
        kept.delete(key);
        throw error;
      });
      // A mistake may be mended by a file that is not there yet.
      if (bundled.bundle === undefined || seen !== changes) kept.delete(key);
      return bundled;
    },
    changed(file) {
      changes += 1;
      for (const [key, making] of kept) {
        void making.then(
          ({ files }) => {
            if (files.includes(file) && kept.get(key) === making) kept.delete(key);
          },
          () => {},
        );
      }
    },
  };
}
