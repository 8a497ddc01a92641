// The tools that help to write an application: the documentation, and checks of resources.
import * as z from 'zod';
import { TenfoldError } from '../../../core/errors.ts';
import { decode } from '../../../resources/load/decode.ts';
import { loadFiles } from '../../../resources/load/load-directory.ts';
import type { ResourceProblem } from '../../../resources/resource.ts';
import { defineTool, type ToolAnswer } from '../tool.ts';
import { part } from './inputs.ts';

const FOUND = 8;
const FILE = 'given.yaml';
/** The process that reads it also serves requests meanwhile, so a check has to be short. */
const MOST_YAML = 50_000;

export const helpTools = [
  defineTool({
    name: 'docs',
    does: 'Searches the documentation of this version, or shows a page or a section that a search has found.',
    input: z.strictObject({
      search: z.string().min(1).max(400).optional(),
      page: z.string().min(1).max(200).optional(),
      heading: z.string().min(1).max(200).optional(),
      part,
    }),
    async answer({ search, page, heading }, { docs }) {
      if ((search === undefined) === (page === undefined))
        throw new TenfoldError('bad-request', 'Say either "search", with words, or "page", of those that were found.');
      if (page !== undefined) return { data: await docs.read(page, heading) };
      const items = await docs.search(search ?? '', FOUND);
      const none = 'No page has these words. Try others.';
      const more = `These are the best ${items.length} sections at most; more words find others.`;
      return { says: [items.length === 0 ? none : more], data: { items } };
    },
  }),
  defineTool({
    name: 'validate',
    does: 'Checks resources: the YAML that is given, which must hold all that it refers to, or without it the files of the application.',
    input: z.strictObject({
      yaml: z.string().min(1).max(MOST_YAML).describe(`At most ${MOST_YAML} characters`).optional(),
      part,
    }),
    async answer({ yaml }, { checkFiles }) {
      if (yaml === undefined && checkFiles === undefined)
        throw new TenfoldError('bad-request', 'Here are no files of an application: give the resources as "yaml".');
      if (yaml === undefined) return toAnswer((await checkFiles?.()) ?? [], undefined);
      const { problems, resources } = loadFiles([{ file: FILE, ...decode(Buffer.from(yaml)) }]);
      return toAnswer(problems, resources.all.length);
    },
  }),
];

function toAnswer(problems: readonly ResourceProblem[], resources: number | undefined): ToolAnswer {
  if (problems.length > 0) return { data: { items: problems } };
  if (resources === 0)
    throw new TenfoldError(
      'invalid-resource',
      'There is no resource in it. Each has "apiVersion: tenfold.dev/v1alpha1" and a kind.',
    );
  return { says: ['No problems are found.'] };
}
