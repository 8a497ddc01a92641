// A member of a consumer group: joins, divides partitions when it is the leader, says that it
// lives, and keeps what it owns while the group changes.

import { TenfoldError } from '../../../../core/errors.ts';
import { pauseAfter } from '../../../../core/retry/backoff.ts';
import { unlessAborted } from '../../../../core/unless-aborted.ts';
import { inStep, sleep } from '../../../../core/world.ts';
import type { GroupOptions, Member, Position } from '../../event-log.ts';
import { FAULT, faultOf, KafkaFault } from '../kafka-error.ts';
import {
  heartbeat,
  joinGroup,
  leaveGroup,
  type MemberClaim,
  packAssignment,
  packClaim,
  syncGroup,
  unpackAssignment,
  unpackClaim,
} from '../wire/groups.ts';
import { assign } from './assign.ts';
import { CommitQueue } from './commit-queue.ts';
import type { MemberContext } from './member-context.ts';
import { OwnedShare } from './owned-share.ts';

const LEAVE_WITHIN_MS = 1000;
const REJOIN_MS = 5;
const QUICK_BEATS = 5;
const PAUSES = { base: 50, max: 1000 };
/** Topics may have grown by somebody else's doing. */
const METADATA_AGE_MS = 5000;
/** The group knows the member no more. */
const EXPELLED = new Set<number>([FAULT.unknownMember, FAULT.illegalGeneration]);

export class GroupMember implements Member {
  readonly #context: MemberContext;
  readonly #options: GroupOptions;
  readonly #leaving = new AbortController();
  readonly #owned: OwnedShare;
  #memberId = '';
  #generation = -1;
  #isLeader = false;
  /** How many partitions there were when they were divided. */
  #count = 0;
  #isTroubled = false;

  constructor(context: MemberContext, options: GroupOptions) {
    this.#context = context;
    this.#options = options;
    this.#owned = new OwnedShare(context, options, new CommitQueue(wanted => this.#commit(wanted)));
    const { closed } = context.cluster;
    closed.addEventListener('abort', () => this.#leaving.abort(closed.reason), { signal: this.#leaving.signal });
  }

  /** Never ends but by leaving. */
  async run(): Promise<void> {
    const { cluster, log } = this.#context;
    for (let failures = 0; !this.#leaving.signal.aborted; ) {
      try {
        await this.#join();
        if (this.#isTroubled) log('info', `Member of group ${this.#options.group} again.`);
        this.#isTroubled = false;
        failures = 0;
        await this.#live();
      } catch (error) {
        if (this.#leaving.signal.aborted) return;
        const fault = faultOf(error);
        const isExpelled = fault !== undefined && EXPELLED.has(fault);
        if (isExpelled) this.#expelled();
        if (isExpelled || fault === FAULT.rebalanceInProgress) {
          // A moment, in case that it goes round in circles.
          await sleep(cluster.world, REJOIN_MS, this.#leaving.signal).catch(() => {});
          continue;
        }
        cluster.forgetCoordinator(this.#options.group);
        // The coordinator may be gone, and no other caller may be looking for a new one.
        void cluster.refresh().catch(() => {});
        this.#tell(error);
        const pause = pauseAfter(++failures, PAUSES, cluster.world.random());
        await sleep(cluster.world, pause, this.#leaving.signal).catch(() => {});
      }
    }
  }

  async leave(): Promise<void> {
    if (this.#leaving.signal.aborted) return;
    const { cluster } = this.#context;
    const { group } = this.#options;
    this.#leaving.abort(new TenfoldError('conflict', `This member has left group ${group}.`));
    this.#owned.loseAll(this.#leaving.signal.reason);
    if (this.#memberId === '') return;
    const goodbye = async () => {
      const broker = await cluster.coordinatorOf(group);
      await broker.ask(leaveGroup(group, this.#memberId), LEAVE_WITHIN_MS);
    };
    // Unheard, the group misses it in the end.
    await Promise.race([goodbye().catch(() => {}), sleep(cluster.world, LEAVE_WITHIN_MS)]);
  }

  async #join(): Promise<void> {
    const { cluster, times } = this.#context;
    const { group, topics } = this.#options;
    const coordinator = await this.#unlessLeft(cluster.coordinatorOf(group));
    const claim = { topics, owned: this.#owned.partitions, generation: this.#owned.generation };
    const request = () =>
      joinGroup({
        groupId: group,
        memberId: this.#memberId,
        sessionTimeout: times.sessionTimeoutMs,
        rebalanceTimeout: times.sessionTimeoutMs,
        metadata: packClaim(claim),
      });
    const withinMs = times.sessionTimeoutMs + cluster.requestTimeoutMs;
    // Others may take as long as a session to join.
    this.#owned.waits(withinMs);
    let joined = await this.#unlessLeft(coordinator.askAlone(request(), withinMs));
    if (joined.errorCode === FAULT.memberIdRequired) {
      this.#memberId = joined.memberId;
      joined = await this.#unlessLeft(coordinator.askAlone(request(), withinMs));
    }
    if (joined.errorCode !== 0) throw new KafkaFault(joined.errorCode);
    this.#owned.heard(withinMs);
    this.#memberId = joined.memberId;
    this.#generation = joined.generationId;
    this.#isLeader = joined.leaderId === joined.memberId;
    const claims = joined.members.map(each => [each.memberId, unpackClaim(each.memberMetadata)] as const);
    const shares = this.#isLeader ? await this.#unlessLeft(this.#divide(claims)) : new Map<string, Buffer>();
    const sync = syncGroup(group, this.#memberId, this.#generation, shares);
    const { errorCode, memberAssignment } = await this.#unlessLeft(coordinator.askAlone(sync, withinMs));
    if (errorCode !== 0) throw new KafkaFault(errorCode);
    this.#owned.heard(times.sessionTimeoutMs);
    const share = unpackAssignment(memberAssignment ?? Buffer.alloc(0));
    this.#count = share.count;
    const gaveUp = this.#owned.become(share.partitions, this.#generation);
    // Now they can be given to others.
    if (gaveUp) throw new KafkaFault(FAULT.rebalanceInProgress);
  }

  async #divide(members: readonly (readonly [string, MemberClaim])[]): Promise<Map<string, Buffer>> {
    const { topics } = this.#options;
    const metadata = await this.#unlessLeft(this.#context.cluster.refresh());
    const count = Math.min(...topics.map(topic => metadata.topics.get(topic)?.leaders.length ?? 0));
    const shares = assign(new Map(members), count);
    return new Map([...shares].map(([member, partitions]) => [member, packAssignment(topics, { partitions, count })]));
  }

  /** Until the group changes, which is thrown. */
  async #live(): Promise<void> {
    const { cluster, times } = this.#context;
    const { group, topics } = this.#options;
    for (let beats = 0; ; beats++) {
      // One change of a group is often followed by another: what was given up is given to others.
      const pause = beats < QUICK_BEATS ? times.heartbeatMs / QUICK_BEATS : times.heartbeatMs;
      await sleep(cluster.world, inStep(cluster.world, pause), this.#leaving.signal);
      // A group that has not missed it would go on as if it had all that it let go of: it
      // joins again to be given that.
      if (this.#owned.isLapsed) throw new KafkaFault(FAULT.rebalanceInProgress);
      const coordinator = await this.#unlessLeft(cluster.coordinatorOf(group));
      const sentAt = cluster.world.monotonic();
      const beat = coordinator.ask(heartbeat(group, this.#memberId, this.#generation));
      const { errorCode } = await this.#unlessLeft(beat);
      if (errorCode !== 0 && errorCode !== FAULT.rebalanceInProgress) throw new KafkaFault(errorCode);
      this.#owned.heard(times.sessionTimeoutMs - (cluster.world.monotonic() - sentAt));
      if (errorCode !== 0) throw new KafkaFault(errorCode);
      if (!this.#isLeader) continue;
      void cluster.fresh(METADATA_AGE_MS).catch(() => {});
      const counts = topics.map(topic => cluster.metadata?.topics.get(topic)?.leaders.length ?? 0);
      // Grown, or made again with fewer; while one of them is gone nothing is changed.
      const count = Math.min(...counts);
      if (count > 0 && count !== this.#count) throw new KafkaFault(FAULT.rebalanceInProgress);
    }
  }

  #unlessLeft<T>(answer: Promise<T>): Promise<T> {
    return unlessAborted(answer, this.#leaving.signal);
  }

  #expelled(): void {
    const { group } = this.#options;
    this.#memberId = '';
    this.#generation = -1;
    this.#owned.loseAll(new TenfoldError('conflict', `Group ${group} has given up on this member.`));
  }

  #tell(error: unknown): void {
    if (this.#isTroubled) return;
    this.#isTroubled = true;
    const reason = error instanceof Error ? error.message : String(error);
    this.#context.log(
      'warn',
      `Not a member of group ${this.#options.group} at the moment, which is tried again and again: ${reason}`,
    );
  }

  async #commit(wanted: ReadonlyMap<number, Position>): Promise<void> {
    const { cluster, positions } = this.#context;
    const { group, topics } = this.#options;
    await cluster.attempt(`Positions of group ${group} could not be committed`, async () => {
      if (this.#leaving.signal.aborted) throw this.#leaving.signal.reason;
      // Another member commits the partitions that were lost meanwhile.
      const own = new Map([...wanted].filter(([partition]) => this.#owned.has(partition)));
      if (own.size === 0) return;
      // It may be a member again in a moment.
      if (this.#memberId === '') throw new KafkaFault(FAULT.rebalanceInProgress);
      try {
        await positions.commit(group, topics[0] ?? '', own, { memberId: this.#memberId, generation: this.#generation });
      } catch (error) {
        if (EXPELLED.has(faultOf(error) ?? 0)) throw new KafkaFault(FAULT.rebalanceInProgress);
        throw error;
      }
    });
  }
}
