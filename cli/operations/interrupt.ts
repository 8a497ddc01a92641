// Ctrl-C as a signal, for commands that only look on.

export async function untilInterrupted(act: (signal: AbortSignal) => Promise<unknown>): Promise<void> {
  const ended = new AbortController();
  const end = () => ended.abort(new Error('Ended by Ctrl-C.'));
  process.once('SIGINT', end).once('SIGTERM', end);
  try {
    await act(ended.signal);
  } finally {
    process.off('SIGINT', end).off('SIGTERM', end);
  }
}
