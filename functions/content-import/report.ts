// Goes through all articles, page by page, and counts what is in each section: work that no
// caller wants to wait for.
import { type Context, event } from 'tenfold';
import type { Summary } from './relational/read-articles.ts';

const PAGE = 100;

interface Section {
  articles: number;
  characters: number;
}

export default event(async (_event, context) => {
  const sections = new Map<string, Section>();
  let articles = 0;
  for await (const { section, characters } of summaries(context)) {
    const counted = sections.get(section) ?? { articles: 0, characters: 0 };
    sections.set(section, { articles: counted.articles + 1, characters: counted.characters + characters });
    articles++;
  }
  return { articles, sections: Object.fromEntries([...sections].sort()) };
});

async function* summaries(context: Context): AsyncGenerator<Summary> {
  for (let after = ''; ; ) {
    const { body } = await context.invoke('relational', { path: '/articles', query: { after, limit: PAGE } });
    const { articles } = body as { articles: readonly Summary[] };
    yield* articles;
    const last = articles.at(-1);
    if (last === undefined || articles.length < PAGE) return;
    after = last.id;
  }
}
