// How people read the dead letters of a group, and what they order for one.
import type { LogRecord } from '../../../drivers/event-log/event-log.ts';

export interface DeadLetterOptions {
  /** Letters on a page. */
  readonly most?: number;
  /** How long lists and groups wait for a first reading. */
  readonly patienceMs?: number;
  /**
   * Why nothing can be redriven: the letters are those of a fold. Its order is that of its topics,
   * and no dispatcher owns them. People can read and purge them.
   */
  readonly final?: string | undefined;
  /** Called when a later release has written some. */
  readonly problem?: ((message: string, error: unknown) => void) | undefined;
}

export interface LetterOrder {
  readonly id: string;
  /** Refused where the letter is of another generation by now. */
  readonly generation?: number | undefined;
  readonly change?: Pick<LogRecord, 'value' | 'headers'> | undefined;
}
