// One call of a function, as the model is told of it.
import type { IncomingHttpHeaders } from 'node:http';
import type { Perhaps } from '../../judge/judged.ts';

export interface Work {
  readonly ms: number;
  /** It fails whatever the mood. */
  readonly fails?: boolean;
  /** Of its answer; 200 when left out. */
  readonly status?: number;
  /**
   * It has done what it is there for; `heard` is false where the caller cannot learn of it, and
   * 'perhaps' where it may. Returns the answer.
   */
  done(heard: Perhaps): string;
  /**
   * What it answered may not have been heard: its caller closed the connection and asked nothing
   * more there. A server that stands still for longer than a call may take answers before it learns
   * that the caller has gone. A caller that gives up many calls at once puts them down to the
   * function, and tries each again under the same number.
   */
  doubted?(): void;
  /** Its caller has gone before it was answered; it goes on all the same. */
  left?(): void;
  /** It has not. `blames`: the caller is to count it as an attempt. */
  failed(blames: boolean): void;
}

/** Gets the body of a call, the id of the event that it is about, and all headers. */
export type Handler = (body: string, eventId: string, headers?: IncomingHttpHeaders) => Work;
