// The cache of parts that take long to build: outside the checkout.
import { homedir } from 'node:os';
import { join } from 'node:path';

export function imageCache(): string {
  const { TENFOLD_CACHE, XDG_CACHE_HOME } = process.env;
  return join(TENFOLD_CACHE ?? join(XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'tenfold'), 'images');
}
