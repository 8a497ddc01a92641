// Counts what Topics that deduplicate have left out, for the metrics of the process.

/** By namespace and name of a Topic, since the process started. */
export interface PublishCounts {
  repeated(namespace: string, name: string): void;
  list(): readonly { readonly namespace: string; readonly name: string; readonly repeated: number }[];
}

export function createPublishCounts(): PublishCounts {
  const counts = new Map<string, { readonly namespace: string; readonly name: string; repeated: number }>();
  return {
    repeated(namespace, name) {
      const key = `${namespace}/${name}`;
      const found = counts.get(key);
      if (found) found.repeated++;
      else counts.set(key, { namespace, name, repeated: 1 });
    },
    list: () => [...counts.values()],
  };
}
