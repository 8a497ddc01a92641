// Finds where the user's own source threw: the first frame of a stack that is neither ours nor a
// package's.
import { fileURLToPath } from 'node:url';
import { isOwnModule } from './own-modules.ts';

export interface SourcePlace {
  readonly file: string;
  /** From 1, as is the column. */
  readonly line: number;
  readonly column: number;
}

const FRAME = /(?:\(| at )(file:\/\/[^\s()]+|\/[^\s()]+):(\d+):(\d+)\)?$/gm;

/** Undefined where no frame of the stack is in the user's own source. */
export function firstFrame(stack: string): SourcePlace | undefined {
  for (const [, url, line, column] of stack.matchAll(FRAME)) {
    if (url === undefined || url.includes('/node_modules/') || isOwnModule(url)) continue;
    const file = fileOf(url);
    if (file !== undefined) return { file, line: Number(line), column: Number(column) };
  }
  return undefined;
}

/** Undefined for an address that is none of a file of this machine. */
function fileOf(url: string): string | undefined {
  if (!url.startsWith('file:')) return url;
  try {
    return fileURLToPath(url);
  } catch {
    return undefined;
  }
}
