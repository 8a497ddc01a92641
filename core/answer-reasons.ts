// The one closed list of reasons for which the gateway answered a request itself, or gave an answer
// up. The access log and the metrics have them.
import { clientReasons } from './reasons/client-reasons.ts';
import { platformReasons } from './reasons/platform-reasons.ts';
import { targetReasons } from './reasons/target-reasons.ts';

/** `docs/reference/reasons.md` is generated from it. */
export const answerReasons = { ...clientReasons, ...targetReasons, ...platformReasons } as const;

export type AnswerReason = keyof typeof answerReasons;
