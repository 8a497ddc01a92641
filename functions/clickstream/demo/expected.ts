// The expected answers of the application, computed here directly from the clicks.
import type { ClickEvent } from '../data/clicks.ts';
import { enrich } from '../enrich.ts';

const WINDOW_MS = 600_000;

export interface Expected {
  /** Of people. */
  readonly clicks: number;
  /** By section, most first. */
  readonly sections: readonly (readonly [string, number])[];
  /** By page and start of the window: clicks and readers. */
  readonly windows: ReadonlyMap<string, { readonly clicks: number; readonly readers: number }>;
}

export function expect(events: readonly ClickEvent[]): Expected {
  const sections = new Map<string, number>();
  const windows = new Map<string, { clicks: number; readonly readers: Set<string> }>();
  let clicks = 0;
  for (const { data, time } of events) {
    if (data.agent.includes('bot')) continue;
    const { section, page, user } = enrich(data);
    clicks++;
    sections.set(section, (sections.get(section) ?? 0) + 1);
    const start = new Date(Math.floor(Date.parse(time) / WINDOW_MS) * WINDOW_MS).toISOString();
    const window = windows.get(`${page} ${start}`) ?? { clicks: 0, readers: new Set<string>() };
    window.clicks++;
    window.readers.add(user);
    windows.set(`${page} ${start}`, window);
  }
  return {
    clicks,
    sections: [...sections].sort((one, other) => other[1] - one[1] || (one[0] < other[0] ? -1 : 1)),
    windows: new Map([...windows].map(([key, { clicks, readers }]) => [key, { clicks, readers: readers.size }])),
  };
}
