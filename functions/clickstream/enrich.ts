// Says of each click what is known of its page and its reader's device: a step of a pipeline, which
// answers with the new data.
import { event } from 'tenfold';
import { pages } from './pages.ts';

export interface Click {
  readonly page: string;
  readonly user: string;
  /** Until the page was there, milliseconds. */
  readonly ms: number;
  /** The browser's own description (User-Agent). */
  readonly agent: string;
}

export interface EnrichedClick extends Omit<Click, 'agent'> {
  readonly title: string;
  readonly section: string;
  readonly device: 'phone' | 'desktop';
}

export default event<Click>(({ data }) => enrich(data));

export function enrich({ agent, ...click }: Click): EnrichedClick {
  const { title = click.page, section = 'unknown' } = pages[click.page] ?? {};
  return { ...click, title, section, device: /mobile|android|iphone/i.test(agent) ? 'phone' : 'desktop' };
}
