// Each job that is divided ends once, with every part counted once.
import { judgeFanOut } from '../../judge/fan-outs.ts';
import type { Handler } from '../functions/work.ts';

export interface FanOuts {
  readonly wrong: readonly string[];
  readonly part: Handler;
  readonly gather: Handler;
  /**
   * `path`: where it can be asked after. A request that was sent again may have another
   * id, but for its last part.
   */
  accepted(job: { readonly id: string; readonly name: string; readonly parts: number; readonly path: string }): void;
  /** What its topic tells: an event, which may be there again under the same id. */
  ended(event: { readonly id: string; readonly data: EndOfFanOut }): void;
  /** What an endpoint says of it. */
  seen(id: string, state: string): void;
  /** Jobs of which no end is known, or which an endpoint does not show as ended. */
  open(): readonly { readonly id: string; readonly name: string; readonly path: string }[];
  readonly count: number;
}

interface Job {
  readonly id: string;
  readonly name: string;
  readonly parts: number;
  readonly path: string;
  readonly ends: Set<string>;
  isShown: boolean;
}

const lastPart = (id: string) => id.slice(id.lastIndexOf('-') + 1);

export interface EndOfFanOut {
  readonly id: string;
  readonly state: string;
  readonly result?: { readonly body?: unknown };
}

interface Part {
  readonly name: string;
  readonly part: number;
}

function foundIn({ result }: EndOfFanOut): readonly number[] | 'nothing' {
  const { found }: { found?: unknown } = Object(result?.body);
  return Array.isArray(found) ? found : 'nothing';
}

export function createFanOuts(): FanOuts {
  const jobs = new Map<string, Job>();
  const worked = new Map<string, Set<number>>();
  const wrong: string[] = [];
  const nothing = () => {};
  return {
    wrong,
    part(body) {
      const { name, part }: Part = JSON.parse(body);
      return {
        ms: 2,
        done() {
          const parts = worked.get(name) ?? new Set();
          worked.set(name, parts.add(part));
          return JSON.stringify({ part });
        },
        failed: nothing,
      };
    },
    gather(body) {
      const lines = body
        .trim()
        .split('\n')
        .map(line => JSON.parse(line));
      const found = lines.flatMap(line => (line.state === 'succeeded' ? [line.result.part] : []));
      return { ms: 2, done: () => JSON.stringify({ found }), failed: nothing };
    },
    accepted(job) {
      jobs.set(lastPart(job.id), { ...job, ends: new Set(), isShown: false });
    },
    seen(id, state) {
      const job = jobs.get(lastPart(id));
      if (job && state === 'succeeded') job.isShown = true;
      else if (job?.isShown) wrong.push(`${job.name} was succeeded, and is ${state}`);
    },
    ended({ id: eventId, data }) {
      const job = jobs.get(lastPart(data.id));
      if (!job || job.ends.has(eventId)) return;
      job.ends.add(eventId);
      if (job.ends.size > 1) wrong.push(`${job.name} ended ${job.ends.size} times: ${[...job.ends].join(', ')}`);
      const done = [...(worked.get(job.name) ?? [])];
      const differs = judgeFanOut({
        name: `${job.name} (${job.parts} parts, ${done.length} worked)`,
        items: job.parts,
        state: 'succeeded',
        told: new Map([[0, new Set([data.state])]]),
        worked: Array.from({ length: job.parts }, (_, part) => part),
        results: done,
        gathered: foundIn(data),
      });
      if (differs.length > 0) wrong.push(`${differs.join('; ')}: ${JSON.stringify(data)}`);
    },
    open: () => [...jobs.values()].filter(({ ends, isShown }) => ends.size === 0 || !isShown),
    get count() {
      return jobs.size;
    },
  };
}
