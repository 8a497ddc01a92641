// Says of each click what is known of its page and its reader's device; what it tells has the id and the time of the click.
import { batch, type CloudEvent, type Context } from 'tenfold';
import { pages } from './pages.ts';

export interface Click {
  readonly page: string;
  readonly user: string;
  /** Until the page was there, milliseconds. */
  readonly ms: number;
  /** What the browser says of itself. */
  readonly agent: string;
}

export interface EnrichedClick extends Omit<Click, 'agent'> {
  readonly title: string;
  readonly section: string;
  readonly device: 'phone' | 'desktop' | 'bot';
}

export default batch((events: CloudEvent<Click>[], context) =>
  Promise.allSettled(events.map(event => tell(event, context))),
);

async function tell(event: CloudEvent<Click>, context: Context): Promise<void> {
  const { id, source, type, subject, time } = event;
  const attributes = { id, source, type, ...(subject ? { subject } : {}), ...(time ? { time } : {}) };
  await context.publish('clicks', { specversion: '1.0', ...attributes, data: enrich(event.data) });
}

export function enrich({ agent, ...click }: Click): EnrichedClick {
  const { title = click.page, section = 'unknown' } = pages[click.page] ?? {};
  return { ...click, title, section, device: deviceOf(agent) };
}

function deviceOf(agent: string): EnrichedClick['device'] {
  if (/bot|crawl|spider/i.test(agent)) return 'bot';
  return /mobile|android|iphone/i.test(agent) ? 'phone' : 'desktop';
}
