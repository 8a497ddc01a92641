// Consumer groups of this process: who owns which partition, and the moment it changes hands.
import { TenfoldError } from '../../../core/errors.ts';
import type { GroupOptions, Member, OwnedPartition, Position, Reader } from '../event-log.ts';
import { spread } from './spread.ts';

export interface GroupAccess {
  /** Number of partitions of a topic; undefined when it is gone. */
  partitions(topic: string): number | undefined;
  committed(group: string, topic: string, partition: number): Promise<Position | undefined>;
  commit(group: string, topic: string, partition: number, position: Position): Promise<void>;
  open(topic: string, partition: number, from: number, lost: AbortSignal): Reader;
}

interface Joined {
  readonly options: GroupOptions;
  readonly owned: Map<number, AbortController>;
}

export class Groups {
  readonly #access: GroupAccess;
  readonly #groups = new Map<string, Set<Joined>>();

  constructor(access: GroupAccess) {
    this.#access = access;
  }

  hasMembers(group: string): boolean {
    return this.#groups.has(group);
  }

  join(options: GroupOptions): Member {
    const { group, topics } = options;
    const members = this.#groups.get(group) ?? new Set<Joined>();
    for (const { options: other } of members) {
      if (other.topics.join() !== topics.join()) {
        throw new TenfoldError(
          'conflict',
          `Group ${group} reads ${other.topics.join(', ')}, so a member cannot read ${topics.join(', ')}.`,
        );
      }
    }
    const missing = topics.find(topic => this.#access.partitions(topic) === undefined);
    if (missing !== undefined || topics.length === 0)
      throw new TenfoldError('not-found', `The log has no topic ${missing}.`);
    const joined: Joined = { options, owned: new Map() };
    members.add(joined);
    this.#groups.set(group, members);
    this.#rebalance(group);
    return {
      leave: async () => {
        if (members.delete(joined)) this.#drop(joined, `This member has left group ${group}.`);
        if (members.size > 0) this.#rebalance(group);
        else if (this.#groups.get(group) === members) this.#groups.delete(group);
      },
    };
  }

  /** Topics have more partitions, or are gone. */
  refresh(): void {
    for (const group of this.#groups.keys()) this.#rebalance(group);
  }

  close(): void {
    for (const members of this.#groups.values()) {
      for (const member of members) this.#drop(member, 'The log was closed.');
      members.clear();
    }
    this.#groups.clear();
  }

  #drop({ owned }: Joined, why: string): void {
    for (const lost of owned.values()) lost.abort(new TenfoldError('conflict', why));
    owned.clear();
  }

  #rebalance(group: string): void {
    const members = this.#groups.get(group);
    const [first] = members ?? [];
    if (!members || !first) return;
    const count = Math.min(...first.options.topics.map(topic => this.#access.partitions(topic) ?? 0));
    const shares = spread(count, new Map([...members].map(member => [member, new Set(member.owned.keys())])));
    // All are taken away before any is given.
    for (const [{ owned }, share] of shares) {
      for (const [partition, lost] of owned) {
        if (share.has(partition)) continue;
        owned.delete(partition);
        lost.abort(new TenfoldError('conflict', `Partition ${partition} of group ${group} went to another member.`));
      }
    }
    for (const [member, share] of shares) {
      for (const partition of share) if (!member.owned.has(partition)) this.#give(member, partition);
    }
  }

  #give({ options, owned }: Joined, partition: number): void {
    const access = this.#access;
    const { group, topics } = options;
    const [source = ''] = topics;
    const lost = new AbortController();
    const readers = new Map<string, Reader>();
    owned.set(partition, lost);
    const given: OwnedPartition = {
      partition,
      lost: lost.signal,
      committed: () => access.committed(group, source, partition),
      commit: position => access.commit(group, source, partition, position),
      open(topic, from) {
        readers.get(topic)?.close();
        const reader = access.open(topic, partition, from, lost.signal);
        readers.set(topic, reader);
        return reader;
      },
    };
    options.assigned(given);
  }
}
