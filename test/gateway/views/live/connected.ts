// One follower that connects, leaves, is slow and connects again, and looks after each event that
// it has exactly the answer which the event names.
import assert from 'node:assert/strict';
import type { Call } from '../../../../gateway/exchange/target.ts';
import type { UpstreamControl } from '../../../../gateway/transport/transport.ts';
import { toAnswer } from '../../../../gateway/views/live/live-answer.ts';
import type { FollowedQuestion } from '../../../../gateway/views/live/read-live.ts';
import { Followed } from './followed.ts';

export class Connected {
  readonly question: FollowedQuestion;
  /** Comments that have come. */
  alive = 0;
  readonly #followed = new Followed();
  #call: { ended: boolean; release: () => void; control: UpstreamControl | undefined; isSlow: boolean } | undefined;

  constructor(question: FollowedQuestion) {
    this.question = question;
  }

  get items(): readonly object[] {
    return this.#followed.items;
  }

  get reasons(): readonly string[] {
    return this.#followed.reasons;
  }

  get events(): readonly string[] {
    return this.#followed.events;
  }

  get lastId(): string | undefined {
    return this.#followed.lastId === '' ? undefined : this.#followed.lastId;
  }

  get isOver(): boolean {
    return this.#call?.ended === true;
  }

  /** The call that a listener would hand to the View. */
  connect(): Call {
    const state = { ended: false, release() {}, control: undefined as UpstreamControl | undefined, isSlow: false };
    this.#call = state;
    const end = () => {
      if (state.ended) return;
      state.ended = true;
      state.release();
    };
    return {
      ...{ method: 'GET', path: '/', headers: [], body: null, trace: Object(undefined), variables: Object(undefined) },
      ...{ remainingMs: 1_000, signal: new AbortController().signal, begun: false, place: undefined },
      get ended() {
        return state.ended;
      },
      hold: release => {
        state.release = release;
      },
      fail: end,
      onRequestStart() {},
      onResponseStart() {},
      onResponseData: (control, chunk) => {
        state.control = control;
        this.#take(chunk.toString());
        // The connection takes no more until it is drained.
        if (state.isSlow) control.pause();
      },
      onResponseEnd: end,
      onResponseError: end,
    };
  }

  slow(): void {
    if (this.#call) this.#call.isSlow = true;
  }

  goOn(): void {
    if (this.#call === undefined) return;
    this.#call.isSlow = false;
    if (!this.#call.ended) this.#call.control?.resume();
  }

  leave(): void {
    if (this.#call === undefined || this.#call.ended) return;
    this.#call.ended = true;
    this.#call.release();
  }

  isRight(texts: readonly string[], more: boolean): boolean {
    return this.#followed.more === more && this.#texts().join() === texts.join();
  }

  #take(block: string): void {
    if (block.startsWith(': ')) this.alive++;
    const fields = new Map(
      block
        .trim()
        .split('\n')
        .map(line => [line.split(': ', 1)[0] ?? '', line.slice(line.indexOf(': ') + 2)]),
    );
    this.#followed.take(fields.get('event') ?? '', fields.get('data') ?? '', fields.get('id') ?? '');
    if (!fields.has('id')) return;
    const found = this.#texts().map(text => ({ id: text, text }));
    assert.equal(toAnswer(found, this.#followed.more).digest, fields.get('id'), 'it has what the event names');
  }

  #texts(): string[] {
    return this.#followed.items.map(item => JSON.stringify(item).slice(1, -1));
  }
}
