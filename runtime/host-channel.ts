// The channel to the process that started this one, where there is one: says when it is ready or
// why not, and ends with it.
import type { LoadFailure } from './load-failure.ts';

export type HostMessage =
  /**
   * The routes of one of the functions that it is asked for, where it is asked for nothing else;
   * undefined where that has none by name, or does not load.
   */
  | {
      readonly type: 'described';
      readonly index: number;
      readonly loads: boolean;
      readonly routes: readonly string[] | undefined;
    }
  /** It listens for debuggers; said before the function's module is loaded. */
  | { readonly type: 'debugger'; readonly port: number }
  /** It listens; `files` are the local modules loaded so far. */
  | { readonly type: 'ready'; readonly port: number; readonly files: readonly string[] }
  /** More local modules were loaded, by a dynamic import. */
  | { readonly type: 'files'; readonly files: readonly string[] }
  /**
   * It does not load and is about to end; `files` are those loaded until then, to be watched for
   * the change that mends it.
   */
  | { readonly type: 'failed'; readonly error: LoadFailure & { readonly files: readonly string[] } };

export interface HostChannel {
  readonly isOpen: boolean;
  /** Resolves when the message is on its way; at once when there is no host. */
  send(message: HostMessage): Promise<void>;
}

/** `onGone` is called when the host has ended, as nothing else would stop this process. */
export function createHostChannel(onGone: () => void): HostChannel {
  const isOpen = process.send !== undefined;
  if (isOpen) process.once('disconnect', onGone);
  return {
    isOpen,
    send(message) {
      if (!process.connected || process.send === undefined) return Promise.resolve();
      return new Promise(resolve => process.send?.(message, undefined, {}, () => resolve()));
    },
  };
}
