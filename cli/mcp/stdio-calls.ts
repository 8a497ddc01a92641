// Calls of the admin API for the tools of `tenfold mcp`, with errors in the words of MCP.
import { AnsweredError, type ApiCalls, tookTooLong } from '../../admin/mcp/api-calls.ts';
import { TenfoldError } from '../../core/errors.ts';
import { CommandError } from '../command-error.ts';
import type { Query } from '../platform/admin-call.ts';

/** `timeoutMs` is the patience of `api`. */
export function stdioCalls(api: ApiCalls, timeoutMs: number): ApiCalls {
  return {
    call: <T>(method: string, where: string, query?: Query, body?: unknown, signal?: AbortSignal) =>
      api.call<T>(method, where, query, body, signal).catch(error => {
        if (isTimeout(error)) throw tookTooLong(method, where, timeoutMs);
        return rejectAnswered(error);
      }),
    async *lines<T>(method: string, where: string, body: unknown, signal?: AbortSignal) {
      try {
        yield* api.lines<T>(method, where, body, signal);
      } catch (error) {
        await rejectAnswered(error);
      }
    },
  };
}

/** Says of an error of the platform that others may have written its message. */
async function rejectAnswered(error: unknown): Promise<never> {
  throw error instanceof TenfoldError ? new AnsweredError(error.code, error.message, { cause: error }) : error;
}

/** Errors of the command line have codes of their own. */
export function wordsOfCommand(error: unknown): string | undefined {
  return error instanceof CommandError ? `${error.code}: ${error.message}` : undefined;
}

function isTimeout(error: unknown): boolean {
  return error instanceof CommandError && error.cause instanceof Error && error.cause.name === 'TimeoutError';
}
