// The tools that say how the platform does: who asks, what is wrong, what leads to what.
import * as z from 'zod';
import { queryOf } from '../api-calls.ts';
import { defineTool } from '../tool.ts';
import { name, part } from './inputs.ts';

export const stateTools = [
  defineTool({
    name: 'whoami',
    does: 'Says as whom you act, what you may do in which namespaces, and what platform this is.',
    input: z.strictObject({ part }),
    async answer(_input, { api }, signal) {
      const caller = await api.call('GET', 'caller', {}, undefined, signal);
      const platform = await api.call('GET', 'info', {}, undefined, signal);
      return { data: { caller, platform } };
    },
  }),
  defineTool({
    name: 'diagnose',
    does: 'Says what is wrong, since when, why, and what to do. Begin here.',
    input: z.strictObject({ namespace: name.optional(), part }),
    async answer({ namespace }, { api }, signal) {
      const found = await api.call<{ findings: readonly unknown[] }>(
        'GET',
        'diagnosis',
        queryOf({ namespace }),
        undefined,
        signal,
      );
      return { says: found.findings.length === 0 ? ['Nothing is found to be wrong.'] : [], data: found };
    },
  }),
  defineTool({
    name: 'graph',
    does: 'Shows what leads to what, with rates, errors and lag on the edges.',
    input: z.strictObject({
      namespace: name.optional(),
      node: z.string().max(600).describe('Only around it, e.g. Topic/default/orders').optional(),
      depth: z.int().min(1).max(10).optional(),
      part,
    }),
    answer: async ({ part: _part, ...query }, { api }, signal) => ({
      data: await api.call<object>('GET', 'graph', queryOf(query), undefined, signal),
    }),
  }),
  defineTool({
    name: 'explain_route',
    does: 'Says which route takes a request, and why none before it does.',
    input: z.strictObject({
      method: z.string().max(32),
      path: z.string().max(16_384).startsWith('/'),
      host: z.string().min(1).max(512).optional(),
      headers: z.record(z.string().max(256), z.string().max(16_384)).optional(),
      part,
    }),
    async answer({ headers, part: _part, ...request }, { api }, signal) {
      const body = { ...request, headers: Object.entries(headers ?? {}) };
      return { data: await api.call<object>('POST', 'routes/explain', {}, body, signal) };
    },
  }),
  defineTool({
    name: 'audit',
    does: 'Shows who changed what, the newest first.',
    input: z.strictObject({
      namespace: name.optional(),
      by: z.string().max(200).optional(),
      action: z.string().max(200).optional(),
      outcome: z.string().max(40).describe('done, refused, failed, …').optional(),
      since: z.string().max(64).describe('RFC 3339').optional(),
      limit: z.int().min(1).max(1000).optional(),
      after: z.string().max(4096).optional(),
      part,
    }),
    answer: async ({ part: _part, limit = 20, ...query }, { api }, signal) => ({
      data: await api.call<object>('GET', 'audit', queryOf({ ...query, limit }), undefined, signal),
      pages: 'after',
    }),
  }),
];
