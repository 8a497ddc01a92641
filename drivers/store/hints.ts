// Tells the other processes over what they share that there is something to look at: at once, at
// most once, and perhaps never.

/** Nothing may depend on a hint: who gets none finds the same a little later where it is kept. */
export interface Hints {
  /**
   * To all other processes. Returns at once; what cannot be sent now is forgotten.
   * `channel` has no line breaks.
   */
  tell(channel: string, message: string): void;
  /** `listener` must not throw. Answers with what ends the listening. */
  listen(channel: string, listener: (message: string) => void): () => void;
  close(): Promise<void>;
}
