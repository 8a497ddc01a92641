// What the contract of groups is checked on: a log, and for each test two topics
// and the members of a group.
import assert from 'node:assert/strict';
import type { EventLog, Member, OwnedPartition } from '../../../drivers/event-log/event-log.ts';
import { type LogDriver, type LogSubject, newName, until } from './subject.ts';

interface Watched {
  readonly member: Member;
  /** What it owns now. */
  readonly owned: Map<number, OwnedPartition>;
}

export class GroupSite {
  readonly log: EventLog;
  readonly rebalanceMs: number;
  readonly topic = newName('topic');
  readonly parkingLog = newName('parking-log');
  /** Members that join are in this group. */
  group = newName('group');
  readonly members: Watched[] = [];

  constructor(log: EventLog, rebalanceMs: number) {
    this.log = log;
    this.rebalanceMs = rebalanceMs;
  }

  async join(names = [this.topic]): Promise<Watched> {
    const owned = new Map<number, OwnedPartition>();
    const assigned = (given: OwnedPartition) => {
      assert.ok(!given.lost.aborted);
      owned.set(given.partition, given);
      given.lost.addEventListener('abort', () => {
        if (owned.get(given.partition) === given) owned.delete(given.partition);
      });
    };
    const watched = { member: await this.log.join({ group: this.group, topics: names, assigned }), owned };
    this.members.push(watched);
    return watched;
  }

  /** Waits until the members own so many each, all partitions together, none twice. */
  shared(...counts: number[]): Promise<void> {
    const total = counts.reduce((sum, count) => sum + count, 0);
    return until(
      `${counts} partitions`,
      () => {
        const found = this.members.map(({ owned }) => owned.size).sort();
        const all = new Set(this.members.flatMap(({ owned }) => [...owned.keys()]));
        return found.join() === counts.sort().join() && all.size === total;
      },
      this.rebalanceMs,
    );
  }
}

/** The describe that calls this opens the log once; each test has a site of its own. */
export function useGroup(subject: () => LogSubject, { rebalanceMs }: LogDriver): () => GroupSite {
  let log: EventLog;
  let site: GroupSite;
  before(async () => {
    log = await subject().open();
  });
  after(() => log.close());
  beforeEach(async () => {
    site = new GroupSite(log, rebalanceMs);
    for (const name of [site.topic, site.parkingLog]) await log.ensureTopic(name, { partitions: 4 });
  });
  afterEach(async () => {
    for (const { member } of site.members) await member.leave();
  });
  return () => site;
}
