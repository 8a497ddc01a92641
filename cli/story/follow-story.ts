// `tenfold story --follow`: the story, and then what changes of it, until nothing of it goes on.
import type { Changed } from '../../admin/live/change.ts';
import type { ConsumerStory, EventStory, Fate, JobStory } from '../../admin/story-view.ts';
import type { ServerEvent } from '../../core/http/server-events.ts';
import { toTimestamp } from '../../core/world.ts';
import { CommandError } from '../command-error.ts';
import { renderJson } from '../output/render.ts';
import type { AdminClient } from '../platform/admin-client.ts';
import { followAgain, toEndError } from '../platform/follow-again.ts';
import type { Terminal } from '../terminal.ts';
import { describeStory, type ToldEvent } from './describe-story.ts';

export interface FollowStoryRequest {
  readonly story: ToldEvent;
  readonly format: 'table' | 'json';
  /** Ctrl-C. */
  readonly signal: AbortSignal;
}

type Client = Pick<AdminClient, 'changes'>;

/** `held` waits for a person, and of `unknown` nobody can tell whether it goes on. */
const OVER: ReadonlySet<Fate> = new Set(['done', 'filtered', 'dead', 'purged']);

/** `connect` again after the platform was away: it may be another one then. */
export async function followStory(
  { story, format, signal }: FollowStoryRequest,
  connect: () => Promise<Client>,
  terminal: Terminal,
): Promise<void> {
  const told = new StoryTeller(story, format, terminal);
  if (told.isOver) return;
  const query = { what: 'story', ...nameOf(story) };
  const over = new AbortController();
  const ends = AbortSignal.any([signal, over.signal]);
  const read = async (heard: () => void) => {
    const client = await connect();
    for await (const event of client.changes(query, told.lastId, ends)) {
      told.take(event);
      heard();
      if (told.isOver) return over.abort();
    }
    if (!ends.aborted) throw new CommandError('platform-unreachable', 'The platform has stopped to answer.');
  };
  await followAgain({ read, canGoOn: () => true }, { terminal, signal: ends });
}

function nameOf(story: ToldEvent): { readonly kind: string; readonly namespace: string; readonly name: string } {
  if ('of' in story) {
    const { kind, namespace, name } = story.of;
    return { kind, namespace, name: `${name}/${story.job.id}` };
  }
  const { namespace, name } = story.topic;
  return { kind: 'Topic', namespace, name: `${name}/${story.event.partition}-${story.event.offset}` };
}

class StoryTeller {
  /** The last event; undefined before the first. */
  lastId: string | undefined;
  readonly #format: FollowStoryRequest['format'];
  readonly #terminal: Terminal;
  #story: ToldEvent;

  constructor(story: ToldEvent, format: FollowStoryRequest['format'], terminal: Terminal) {
    this.#format = format;
    this.#terminal = terminal;
    this.#story = story;
    if (format === 'json') terminal.print(renderJson(story));
    else terminal.print(describeStory(story, terminal.out, Date.now()));
  }

  /** Nothing of it goes on by itself. */
  get isOver(): boolean {
    return 'of' in this.#story ? isJobOver(this.#story) : this.#story.consumers.every(isConsumerOver);
  }

  take({ id, event, data }: ServerEvent): void {
    this.lastId = id;
    if (event === 'changed') this.#changed(JSON.parse(data));
    else if (event === 'gone') throw new CommandError('no-event', 'The platform keeps it no longer.');
    else if (event === 'ended') throw toEndError(JSON.parse(data));
  }

  #changed({ value }: Changed<EventStory | JobStory>): void {
    const before = this.#story;
    this.#story = 'of' in value || 'of' in before ? (value as JobStory) : { topic: before.topic, ...value };
    if (JSON.stringify(before) === JSON.stringify(this.#story)) return;
    const { print, out } = this.#terminal;
    if (this.#format === 'json') {
      print(renderJson(this.#story));
      return;
    }
    const now = Date.now();
    const known = new Set(partsOf(describeStory(before, out, now)).map(withoutWidths));
    const news = partsOf(describeStory(this.#story, out, now)).filter(part => !known.has(withoutWidths(part)));
    if (news.length > 0) print(`\n${out.dim(toTimestamp(now))}\n${news.join('\n')}`);
  }
}

/** Sentences, and lines of tables with what stands below each. */
function partsOf(text: string): readonly string[] {
  return text.split('\n\n').flatMap(part => (isProse(part) ? [part] : part.split(/\n(?! )/)));
}

/** Columns have more space between them than words. */
function isProse(part: string): boolean {
  return !/ {3}/.test(part);
}

/** Columns may have become wider. */
function withoutWidths(line: string): string {
  return line.replaceAll(/ +/g, ' ');
}

function isConsumerOver({ fate, settling }: Pick<ConsumerStory, 'fate' | 'settling'>): boolean {
  return OVER.has(fate) && settling === undefined;
}

function isJobOver({ job, consumers, callbacks = [] }: JobStory): boolean {
  return job.finishedAt !== undefined && [...consumers, ...callbacks].every(isConsumerOver);
}
