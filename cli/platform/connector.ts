// Connects to a platform, and to the same one again after it was away.
import type { Terminal } from '../terminal.ts';
import { findPlatform, type PlatformTarget } from './find-platform.ts';
import type { PlatformChoice } from './platform-options.ts';

/** What it returns finds the platform, and at each further call where that one is by then. */
export function createConnector(choice: PlatformChoice, terminal: Terminal): () => Promise<PlatformTarget> {
  let found: PlatformTarget | undefined;
  return async () => {
    found = found?.findAgain ? await found.findAgain() : (found ?? (await findPlatform(choice, terminal)));
    return found;
  };
}
