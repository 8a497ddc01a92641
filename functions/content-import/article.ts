// An article with its relations, as the search index has it and as the relational service takes it.
import * as z from 'zod';

const Id = z.string().regex(/^[a-z0-9-]{1,64}$/);
const Name = z.string().min(1).max(200);

export const Article = z.object({
  id: Id,
  /** Grows with each change; an older one never replaces a newer one. */
  version: z.int().min(1),
  title: z.string().trim().min(1, 'An article needs a title.').max(300),
  body: z.string().max(100_000),
  publishedAt: z.iso.datetime(),
  section: z.object({ id: Id, name: Name }),
  categories: z.array(z.object({ id: Id, name: Name, section: Id })).max(20),
  authors: z
    .array(z.object({ id: Id, name: Name }))
    .min(1)
    .max(20),
  assets: z.array(z.object({ id: Id, url: z.url().max(500), credit: Id })).max(20),
  tags: z.array(z.object({ id: Id, name: Name })).max(50),
});

export type Article = z.output<typeof Article>;
