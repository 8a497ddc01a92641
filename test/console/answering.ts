// Answers what pages ask, in place of the platform, until it is closed.

export interface Answering {
  /** The addresses that were asked for. */
  readonly asked: URL[];
  close(): void;
}

/** `answer`: JSON, or an error where there is no answer. */
export function answerPages(answer: (asked: URL) => unknown): Answering {
  const before = globalThis.fetch;
  const asked: URL[] = [];
  globalThis.fetch = async input => {
    const url = new URL(String(input), 'http://platform.test');
    asked.push(url);
    const said = answer(url);
    return said instanceof Response ? said : Response.json(said);
  };
  return {
    asked,
    close: () => {
      globalThis.fetch = before;
    },
  };
}
