// The endpoint that the audit log is read by.
import * as z from 'zod';
import { auditOutcomes } from '../../audit-view.ts';
import { parseBody } from '../../routing/body.ts';
import { type AdminRoute, route } from '../../routing/route.ts';
import { time } from '../filters/time-filter.ts';
import { readLimit } from '../limit.ts';

const text = z.string().max(200).optional();
const selection = z
  .strictObject({ by: text, action: text, outcome: z.enum(auditOutcomes).optional(), since: time, until: time })
  .refine(({ since, until }) => since === undefined || until === undefined || since < until, {
    message: 'Nothing is from "since" on and before "until".',
  });

export const auditRoutes: readonly AdminRoute[] = [
  route({
    method: 'GET',
    path: '/audit',
    does: 'Shows who changed what by this API, the newest first.',
    needs: 'administer',
    where: 'query',
    query: ['namespace', 'by', 'action', 'outcome', 'since', 'until', 'limit', 'after'],
    answer: ({ view, scope, query: { namespace, limit, after, ...rest } }) =>
      view.audit.list({
        ...parseBody(selection, rest),
        limit: readLimit(limit),
        ...(after === undefined ? {} : { after }),
        ...(namespace === undefined
          ? scope.all
            ? {}
            : { visible: scope.has }
          : { visible: (name: string) => name === namespace }),
      }),
  }),
];
