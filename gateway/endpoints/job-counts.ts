// Counts jobs that Queues have refused, for the metrics of the process.

/** By namespace and name of a Queue, since the process started. */
export interface JobCounts {
  /** It holds `maxWaiting` jobs. */
  refused(namespace: string, name: string): void;
  list(): readonly { readonly namespace: string; readonly name: string; readonly refused: number }[];
}

export function createJobCounts(): JobCounts {
  const counts = new Map<string, { readonly namespace: string; readonly name: string; refused: number }>();
  return {
    refused(namespace, name) {
      const key = `${namespace}/${name}`;
      const found = counts.get(key);
      if (found) found.refused++;
      else counts.set(key, { namespace, name, refused: 1 });
    },
    list: () => [...counts.values()],
  };
}
