// The part of the store from which a View is read.
import type { Store } from '../../drivers/store/store.ts';

export type ViewStore = Pick<
  Store,
  'row' | 'rows' | 'scan' | 'scanSets' | 'countRows' | 'top' | 'around' | 'aroundPlace' | 'feed' | 'position'
>;
