// One call of a function, as the model is told of it.

export interface Work {
  readonly ms: number;
  /** It fails whatever the mood. */
  readonly fails?: boolean;
  /** It has done what it is there for; `heard` is false where the caller cannot learn of it. Returns the answer. */
  done(heard: boolean): string;
  /** What answered `done` may not have been heard: its caller closed the connection and asked nothing more there. */
  doubted?(): void;
  /** Its caller has gone before it was answered; it goes on all the same. */
  left?(): void;
  /** It has not. `blames`: the caller is to count it as an attempt. */
  failed(blames: boolean): void;
}

/** Gets the body of a call, and the id of the event that it is about. */
export type Handler = (body: string, eventId: string) => Work;
