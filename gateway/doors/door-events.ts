// What a door reports after each answer, for access logs and metrics.

export interface Answered {
  readonly door: 'public' | 'internal';
  readonly method: string;
  /** Path as normalised; as sent when it was refused. */
  readonly path: string;
  /** The route's pattern, undefined when none matched. */
  readonly route: string | undefined;
  readonly target: string | undefined;
  /** 0 when the client left before an answer began. */
  readonly status: number;
  readonly durationMs: number;
  readonly traceId: string;
  /** Whether the access log gets a line: failures always do, the rest by the route's sample. */
  readonly logged: boolean;
}

export type AnsweredListener = (answered: Answered) => void;
