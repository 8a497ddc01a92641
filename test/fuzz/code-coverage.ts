// Tells whether code was run that never was before, from V8's own coverage: what mutations reach
// nothing new by is not worth keeping.
import { type Profiler, Session } from 'node:inspector';

export interface CodeCoverage {
  /** Since it was asked last. It takes about a millisecond. */
  reachedNewCode(): boolean;
  close(): void;
}

export function watchCode(): CodeCoverage {
  const session = new Session();
  session.connect();
  session.post('Profiler.enable');
  session.post('Profiler.startPreciseCoverage', { callCount: false, detailed: true });
  const reached = new Set<string>();
  return {
    reachedNewCode() {
      const before = reached.size;
      // Within one process it calls back before it returns.
      session.post('Profiler.takePreciseCoverage', (error, result) => {
        if (error) throw error;
        for (const block of blocksOf(result)) reached.add(block);
      });
      return reached.size > before;
    },
    close: () => session.disconnect(),
  };
}

/** Of this project and of what it depends on; not of the tests, and not of Node. */
function blocksOf({ result }: Profiler.TakePreciseCoverageReturnType): string[] {
  return result
    .filter(({ url }) => url.startsWith('file:') && !url.includes('/test/fuzz/'))
    .flatMap(({ scriptId, functions }) =>
      functions.flatMap(({ ranges }) =>
        ranges.filter(({ count }) => count > 0).map(range => `${scriptId} ${range.startOffset} ${range.endOffset}`),
      ),
    );
}
