// The surroundings of the tools of MCP, whether they answer on the admin port or by stdio.
import type { ResourceProblem } from '../../resources/resource.ts';
import type { ApiCalls } from './api-calls.ts';
import type { Docs } from './docs-search.ts';
import type { UsedPlans } from './plans/used-plans.ts';

export interface McpHost {
  readonly api: ApiCalls;
  /** Signs plans. Every process that may be asked to act has the same one for the same caller. */
  readonly secret: Uint8Array;
  /** The plans that this process has carried out. */
  readonly used: UsedPlans;
  readonly docs: Docs;
  /** Milliseconds since 1970. */
  now(): number;
  /** Checks the files of the application; undefined where there are none. */
  readonly checkFiles?: (() => Promise<readonly ResourceProblem[]>) | undefined;
  /** The words of an error that only the command line knows; undefined for others. */
  readonly wordsOf?: ((error: unknown) => string | undefined) | undefined;
}
