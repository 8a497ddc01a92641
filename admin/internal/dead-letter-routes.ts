// The endpoints of dead letters: finding them, reading one, and redriving, skipping or purging
// some or all that are found.
import { json, Router } from 'express';
import * as z from 'zod';
import { TenfoldError } from '../../core/errors.ts';
import { parseDuration } from '../../core/units/duration.ts';
import type { CommandProgress, DeadLetterCommand, DeadLetterQuery } from '../event-view.ts';
import type { PlatformView } from '../platform-view.ts';
import { parseBody } from './body.ts';
import { toConsumerName } from './consumer-name.ts';
import { readLimit } from './limit.ts';
import { only, onlyGet } from './problems.ts';
import { readQuery } from './query.ts';

const MAX_IDS = 10_000;
const duration = z.string().transform((text, context) => {
  const ms = parseDuration(text);
  if (ms !== undefined) return ms;
  context.issues.push({ code: 'custom', input: text, message: 'This must be a duration such as 15m or 7d.' });
  return z.NEVER;
});
const selection = z.strictObject({
  key: z.string().max(4096).optional(),
  reason: z.string().max(64).optional(),
  olderThan: duration.optional(),
  newerThan: duration.optional(),
  held: z
    .union([z.boolean(), z.enum(['true', 'false']).transform(text => text === 'true')], 'This must be true or false.')
    .optional(),
});
const contentType = z.string().max(256).optional();
const edit = z.union(
  [z.strictObject({ text: z.string(), contentType }), z.strictObject({ base64: z.base64(), contentType })],
  'This must have the new data, as "text" or as "base64".',
);
const commandBody = z
  .strictObject({
    action: z.enum(['redrive', 'skip', 'purge'], 'This must be redrive, skip or purge.'),
    kind: z.string().max(64),
    namespace: z.string().max(253).optional(),
    name: z.string().max(253),
    ids: z
      .array(
        z
          .string()
          .max(64)
          .regex(/^\d+-\d+$/, 'This must be the id of a dead letter, such as 0-17.'),
      )
      .min(1)
      .max(MAX_IDS)
      .optional(),
    query: selection.optional(),
    edit: edit.optional(),
  })
  .refine(({ ids, query }) => (ids === undefined) !== (query === undefined), {
    message: 'Say which: either "ids", or "query" ({} means all).',
  })
  .refine(({ action, ids, edit: wanted }) => !wanted || (action === 'redrive' && ids?.length === 1), {
    message: 'Other data are for the redrive of one dead letter, named in "ids".',
  });

export function deadLetterRoutes(view: PlatformView): Router {
  const { events } = view;
  const router = Router({ caseSensitive: true });
  router
    .route('/dead-letters')
    .get(async (request, response) => {
      const query = readQuery(request.query, [
        'kind',
        'namespace',
        'name',
        'key',
        'reason',
        'olderThan',
        'newerThan',
        'held',
        'limit',
        'after',
      ]);
      const { kind, namespace, name, limit, after, ...rest } = query;
      const named = kind !== undefined || name !== undefined;
      response.json(
        await events.deadLetters({
          ...(named ? { consumer: toConsumerName({ kind, namespace, name }) } : {}),
          ...(!named && namespace !== undefined ? { namespace } : {}),
          ...toSelection(parseBody(selection, rest)),
          limit: readLimit(limit),
          ...(after === undefined ? {} : { after }),
        }),
      );
    })
    .all(onlyGet);
  router
    .route('/dead-letters/:kind/:namespace/:name/:id')
    .get(async (request, response) => {
      readQuery(request.query, []);
      response.json(await events.deadLetter(toConsumerName(request.params), request.params.id));
    })
    .all(onlyGet);
  router
    .route('/dead-letters/commands')
    .post(json({ limit: '16mb', strict: true }), async (request, response) => {
      const { action, ids, query, edit: wanted, ...name } = parseBody(commandBody, request.body ?? {});
      const command: DeadLetterCommand = {
        action,
        consumer: toConsumerName(name),
        ...(ids ? { ids } : {}),
        ...(query ? { query: toSelection(query) } : {}),
        ...(wanted ? { edit: wanted } : {}),
      };
      const gone = new AbortController();
      response.on('close', () => gone.abort(new Error('The caller has left.')));
      // One line of JSON for each step, the last one with `done`: the caller sees the progress.
      const write = (progress: CommandProgress, done: boolean) => {
        if (!response.headersSent) response.status(200).type('application/x-ndjson');
        response.write(`${JSON.stringify({ ...progress, done })}\n`);
      };
      const end = await events.command(command, progress => write(progress, false), gone.signal);
      write(end, true);
      response.end();
    })
    .all(only('POST'));
  return router;
}

function toSelection({
  key,
  reason,
  olderThan,
  newerThan,
  held,
}: z.output<typeof selection>): Omit<DeadLetterQuery, 'consumer' | 'namespace' | 'limit' | 'after'> {
  if (olderThan !== undefined && newerThan !== undefined && olderThan >= newerThan) {
    throw new TenfoldError('bad-request', 'Nothing is older than olderThan and newer than newerThan.');
  }
  return {
    ...(key === undefined ? {} : { key }),
    ...(reason === undefined ? {} : { reason }),
    ...(olderThan === undefined ? {} : { olderThanMs: olderThan }),
    ...(newerThan === undefined ? {} : { newerThanMs: newerThan }),
    ...(held === undefined ? {} : { held }),
  };
}
