// One action that can be planned: what it takes, what it will do, and how it is done.
import type * as z from 'zod';
import type { Verb } from '../../access/caller.ts';
import type { ApiCalls } from '../api-calls.ts';

/** The words of a plan, before anything has changed. */
export interface Preview {
  /** One or two sentences: the effect, and the number of things. */
  readonly says: string;
  /** For people who decide. */
  readonly data?: unknown;
  /** The act is refused where these are others by then. */
  readonly facts: unknown;
  /** Set where there is nothing to do: then there is no token. */
  readonly nothing?: true;
  /** The order that the token carries, where it is not what was asked. */
  readonly order?: Readonly<Record<string, unknown>>;
}

interface ActionDeclaration<O> {
  readonly needs: Verb;
  readonly order: z.ZodType<O>;
  /** Reads only. */
  preview(order: O, api: ApiCalls, signal: AbortSignal): Promise<Preview>;
  act(order: O, api: ApiCalls, signal: AbortSignal): Promise<unknown>;
}

export interface Action {
  readonly needs: Verb;
  /** Throws where the order is not whole, or has too much. */
  preview(order: unknown, api: ApiCalls, signal: AbortSignal): Promise<Preview>;
  act(order: unknown, api: ApiCalls, signal: AbortSignal): Promise<unknown>;
}

export function defineAction<O>({ needs, order: schema, preview, act }: ActionDeclaration<O>): Action {
  return {
    needs,
    preview: async (order, api, signal) => preview(schema.parse(order), api, signal),
    act: async (order, api, signal) => act(schema.parse(order), api, signal),
  };
}
