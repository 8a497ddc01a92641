// Asks the admin API for an answer of one JSON document a line, and gives each line as it comes.
import { ApiError, askRaw } from './ask.ts';
import type { Endpoint, Input } from './endpoints.ts';

/** Throws an ApiError, also where the answer breaks off. It ends when the signal says so. */
export async function* askLines<P extends string, Q extends string, B, A>(
  endpoint: Endpoint<P, Q, B, A>,
  input: Input<P, Q, B>,
  signal: AbortSignal,
): AsyncGenerator<A> {
  try {
    const { body } = await askRaw(endpoint, input, 'application/x-ndjson', signal);
    if (body === null) return;
    let text = '';
    for await (const chunk of textOf(body)) {
      const lines = (text + chunk).split('\n');
      text = lines.pop() ?? '';
      for (const line of lines) if (line !== '') yield JSON.parse(line) as A;
    }
    if (text !== '') yield JSON.parse(text) as A;
  } catch (error) {
    if (signal.aborted || error instanceof ApiError) throw error;
    throw new ApiError('The platform does not answer, or its answer broke off. See whether it runs, and ask again.', 0);
  }
}

async function* textOf(body: ReadableStream<BufferSource>): AsyncGenerator<string> {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
