// One tool of MCP as it is declared: what it takes, and what it answers.
import type * as z from 'zod';
import type { McpHost } from './mcp-host.ts';

/** The findings of a tool, before they are written down. */
export interface ToolAnswer {
  /** Sentences of our own. */
  readonly says?: readonly string[];
  /** Facts of the platform, with texts that others wrote. */
  readonly data?: unknown;
  /**
   * Set where `next` of the data asks for another page, as `after` of the input or in its `query`.
   */
  readonly pages?: 'after' | 'query';
}

interface ToolDeclaration<I> {
  readonly name: string;
  /** One or two sentences for a model. */
  readonly does: string;
  readonly input: z.ZodType<I> & { readonly shape: object };
  /** Set for the one tool that changes something. */
  readonly changes?: true;
  answer(input: I, host: McpHost, signal: AbortSignal): Promise<ToolAnswer>;
}

export interface McpTool extends Omit<ToolDeclaration<unknown>, 'answer'> {
  /** `input` is what its schema has read. */
  answer(input: unknown, host: McpHost, signal: AbortSignal): Promise<ToolAnswer>;
}

export function defineTool<I>(declared: ToolDeclaration<I>): McpTool {
  return {
    ...declared,
    answer: async (input, host, signal) => declared.answer(declared.input.parse(input), host, signal),
  };
}
