// The report that a listener makes after each answer, for access logs and metrics.
import type { AnswerReason } from '../../core/answer-reasons.ts';
import type { ExchangeFacts } from '../exchange/exchange-facts.ts';

export interface Answered {
  /** Name of the listener: `internal`, `public`, or that of one that the configuration names. */
  readonly listener: string;
  readonly method: string;
  /** Path as normalised; as sent when it was refused. */
  readonly path: string;
  /** As the client named it; undefined when the request was refused before it was read. */
  readonly host: string | undefined;
  /** Undefined when no route took the request. */
  readonly route: AnsweredRoute | undefined;
  /** The consumer that its credentials identified. */
  readonly consumer: string | undefined;
  /** Address of the client, as far as we or a proxy that we trust can tell. */
  readonly client: string;
  /** 0 when the client left before an answer began. */
  readonly status: number;
  readonly durationMs: number;
  readonly trace: string;
  /**
   * Why the gateway itself answered with an error, or gave the answer up. Undefined where the
   * target answered, whatever it said.
   */
  readonly reason: AnswerReason | undefined;
  /** The error behind the reason, for operators: clients outside learn less. */
  readonly failure: unknown;
  /** Undefined when the request was refused before a route took it. */
  readonly exchange: ExchangeFacts | undefined;
  /** Whether the access log gets a line: failures always do, the rest by the route's sample. */
  readonly logged: boolean;
}

/** The facts about a route in logs and metrics. */
export interface AnsweredRoute {
  /** The resource that declares it. */
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** Its pattern, e.g. `/shop/orders/:id`. */
  readonly path: string;
  /** Name of the route, where the resource gives it one. */
  readonly label?: string | undefined;
  /** For people, e.g. `function orders`. */
  readonly target: string;
  /** Share of the successful answers that are logged, 0 to 1. */
  readonly logSample: number;
}

export type AnsweredListener = (answered: Answered) => void;
