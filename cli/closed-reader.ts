// Ends a program when nobody reads its output any more.
import { exitCodes } from './exit-codes.ts';

/**
 * A reader that has seen enough (`tenfold get | head`), or a terminal that was closed, is no error.
 */
export function endWithReader(stdout: NodeJS.WriteStream): void {
  stdout.on('error', error => {
    if (!('code' in error) || (error.code !== 'EPIPE' && error.code !== 'EIO')) throw error;
    process.exit(exitCodes.ok.code);
  });
}
