// People may rely on this when they read the events of a Topic, whatever log it is in.
import type { LogSubject } from '../event-log/subject.ts';
import { bounds } from './bounds.ts';
import { finding } from './finding.ts';
import { following } from './following.ts';

export interface TopicEventsDriver {
  readonly name: string;
  /** Runs of properties. */
  readonly runs: number;
  create(): Promise<LogSubject>;
}

export function topicEventsContract({ name, runs, create }: TopicEventsDriver): void {
  describe(`events of a Topic in ${name}`, () => {
    let made: LogSubject;
    const subject = () => made;
    before(async () => {
      made = await create();
    });
    after(() => made?.destroy());
    finding(subject);
    bounds(subject, runs);
    following(subject);
  });
}
