// The event plane as a caller may see it who has no right in some namespaces.
import type { Asker, ItemQuery, OperationControl } from '../commands/operation-view.ts';
import type { ResendControl, ResendRequest } from '../commands/resend-view.ts';
import type { ScheduleAction, ScheduleControl, ScheduleName } from '../commands/schedule-view.ts';
import type { EventControl } from '../event-view.ts';
import type { FanOutControl } from '../fan-out-view.ts';
import type { ParkedControl } from '../parked-view.ts';
import type { EventStory, StoryControl, StoryLink, StoryUnread } from '../story-view.ts';
import type { TopicEventControl } from '../topic-view.ts';
import type { Sieve } from './sieve.ts';

export function scopedEvents(events: EventControl, sieve: Sieve): EventControl {
  const { keep, check, has: visible } = sieve;
  return {
    topics: async () => keep(await events.topics()),
    topicEvents: scopedTopicEvents(events.topicEvents, sieve),
    resends: scopedResends(events.resends, sieve),
    stories: scopedStories(events.stories, sieve),
    finding: {
      async find(query, signal) {
        check(query.namespace);
        return events.finding.find(query, signal);
      },
    },
    consumers: async () => keep(await events.consumers()),
    views: async () => keep(await events.views()),
    async rebuildView(namespace, name) {
      check(namespace);
      return events.rebuildView(namespace, name);
    },
    pipelines: async () => keep(await events.pipelines()),
    async openWindows(namespace, name, signal) {
      check(namespace);
      return events.openWindows(namespace, name, signal);
    },
    async pause(consumer) {
      check(consumer.namespace);
      return events.pause(consumer);
    },
    async resume(consumer) {
      check(consumer.namespace);
      return events.resume(consumer);
    },
    async replay(request) {
      check(request.namespace);
      return events.replay(request);
    },
    async endReplay(replay) {
      check(replay.namespace);
      return events.endReplay(replay);
    },
    deadLetterOwners: async () => keep(await events.deadLetterOwners()),
    deadLetters: query => events.deadLetters({ ...query, visible }),
    async deadLetterGroups(query) {
      check(query.consumer.namespace);
      return events.deadLetterGroups(query);
    },
    async deadLetter(consumer, id) {
      check(consumer.namespace);
      return events.deadLetter(consumer, id);
    },
    async command(command, progress, signal) {
      check(command.consumer.namespace);
      return events.command(command, progress, signal);
    },
    jobs: query => events.jobs({ ...query, visible }),
    async job(namespace, queue, id, waitMs, signal) {
      check(namespace);
      return events.job(namespace, queue, id, waitMs, signal);
    },
    async cancelJob(namespace, queue, id) {
      check(namespace);
      return events.cancelJob(namespace, queue, id);
    },
    fanOuts: scopedFanOuts(events.fanOuts, sieve),
    parked: scopedParked(events.parked, sieve),
    operations: scopedOperations(events.operations, sieve),
    schedules: scopedSchedules(events.schedules, sieve),
  };
}

function scopedTopicEvents(topicEvents: TopicEventControl, { check }: Sieve): TopicEventControl {
  return {
    async list(namespace, topic, query, signal) {
      check(namespace);
      return topicEvents.list(namespace, topic, query, signal);
    },
    follow(namespace, topic, query, signal) {
      check(namespace);
      return topicEvents.follow(namespace, topic, query, signal);
    },
  };
}

function scopedResends(resends: ResendControl, { check, has }: Sieve): ResendControl {
  const checkAll = ({ namespace, consumer }: ResendRequest) => {
    check(namespace);
    if (consumer) check(consumer.namespace);
  };
  return {
    async plan(request) {
      checkAll(request);
      const plan = await resends.plan(request);
      // A shared Topic has consumers of others.
      const consumers = plan.consumers.filter(({ namespace }) => has(namespace));
      const hidden = plan.consumers.length - consumers.length;
      return { ...plan, consumers, ...(hidden === 0 ? {} : { hidden }) };
    },
    async send(request) {
      checkAll(request);
      return resends.send(request);
    },
  };
}

function scopedStories(stories: StoryControl, { check, has }: Sieve): StoryControl {
  const isSeen = ({ by, of }: StoryLink) => has(by.namespace) && has(of.namespace);
  const isKnown = ({ of }: StoryUnread) => has(of.namespace);
  const seen = <S extends Pick<EventStory, 'cameFrom' | 'ledTo' | 'unreadBefore' | 'unreadAfter'>>(story: S): S => {
    const { unreadBefore, unreadAfter } = story;
    return {
      ...story,
      cameFrom: story.cameFrom.filter(isSeen),
      ledTo: story.ledTo.filter(isSeen),
      ...(unreadBefore && { unreadBefore: unreadBefore.filter(isKnown) }),
      ...(unreadAfter && { unreadAfter: unreadAfter.filter(isKnown) }),
    };
  };
  return {
    // Its consumers are those of its own Queue or FanOut.
    async tellJob(of, id, query, signal) {
      check(of.namespace);
      return seen(await stories.tellJob(of, id, query, signal));
    },
    async tell(namespace, topic, id, query, signal) {
      check(namespace);
      const story = await stories.tell(namespace, topic, id, query, signal);
      // A shared Topic has consumers of others, and what failed there is theirs to know.
      const consumers = story.consumers.filter(({ consumer }) => has(consumer.namespace));
      const hidden = story.consumers.length - consumers.length;
      const { because, ...rest } = seen(story);
      return {
        ...rest,
        // It may be that of a hidden consumer.
        ...(because === undefined || hidden > 0 ? {} : { because }),
        consumers,
        ...(hidden === 0 ? {} : { hidden }),
      };
    },
  };
}

function scopedFanOuts(fanOuts: FanOutControl, { keep, check, has: visible }: Sieve): FanOutControl {
  return {
    reports: async () => keep(await fanOuts.reports()),
    list: query => fanOuts.list({ ...query, visible }),
    async read(namespace, fanOut, id) {
      check(namespace);
      return fanOuts.read(namespace, fanOut, id);
    },
    async failed(namespace, fanOut, id, page) {
      check(namespace);
      return fanOuts.failed(namespace, fanOut, id, page);
    },
    async items(namespace, fanOut, id, groups) {
      check(namespace);
      return fanOuts.items(namespace, fanOut, id, groups);
    },
    async cancel(namespace, fanOut, id) {
      check(namespace);
      return fanOuts.cancel(namespace, fanOut, id);
    },
    async redrive(namespace, fanOut, id) {
      check(namespace);
      return fanOuts.redrive(namespace, fanOut, id);
    },
  };
}

function scopedOperations(operations: OperationControl, { check, has: visible }: Sieve): OperationControl {
  const checked =
    <R extends { readonly namespace: string }, A extends unknown[], T>(act: (name: R, ...more: A) => Promise<T>) =>
    async (name: R, ...more: A): Promise<T> => {
      check(name.namespace);
      return act(name, ...more);
    };
  return {
    async plan(request, signal) {
      check(request.consumer.namespace);
      return operations.plan(request, signal);
    },
    start: checked((name, token: string, asker: Asker) => operations.start(name, token, asker)),
    pause: checked(name => operations.pause(name)),
    resume: checked(name => operations.resume(name)),
    stop: checked(name => operations.stop(name)),
    read: checked(name => operations.read(name)),
    items: checked((name, query: ItemQuery) => operations.items(name, query)),
    list: query => operations.list({ ...query, visible }),
  };
}

function scopedParked(parked: ParkedControl, { check, has: visible }: Sieve): ParkedControl {
  return {
    list: (query, signal) => parked.list({ ...query, visible }, signal),
    async read(consumer, id, page, signal) {
      check(consumer.namespace);
      return parked.read(consumer, id, page, signal);
    },
    async command(command, progress, signal) {
      check(command.consumer.namespace);
      return parked.command(command, progress, signal);
    },
  };
}

function scopedSchedules(schedules: ScheduleControl, { check, has: visible }: Sieve): ScheduleControl {
  const checked = (action: ScheduleAction) => async (name: ScheduleName, token?: string) => {
    check(name.namespace);
    return schedules[action](name, token);
  };
  return {
    list: query => schedules.list({ ...query, visible }),
    async read(name) {
      check(name.namespace);
      return schedules.read(name);
    },
    async plan(name, action) {
      check(name.namespace);
      return schedules.plan(name, action);
    },
    pause: checked('pause'),
    resume: checked('resume'),
    run: checked('run'),
  };
}
