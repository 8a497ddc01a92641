// A key that is kept in a file and replaced there while the process runs, as the
// kubelet does with tokens.

/** The kubelet replaces one long before it ends; reading it this often is soon enough. */
const READ_AGAIN_MS = 60_000;

/**
 * Answers with the key, read again now and then. Throws when there never was one, with the path.
 */
export function createKeyFile(path: string, monotonic: () => number = () => performance.now()): () => string {
  const { readFileSync } = process.getBuiltinModule('node:fs');
  let key: string | undefined;
  let readAt = 0;
  return () => {
    const now = monotonic();
    if (key !== undefined && now - readAt < READ_AGAIN_MS) return key;
    try {
      key = readFileSync(path, 'utf8').trim();
      readAt = now;
    } catch (cause) {
      // The known key may hold for a while; the server that gets it says when it does not.
      if (key === undefined)
        throw new Error(`The key of the internal listener cannot be read from ${path} (TENFOLD_INTERNAL_KEY_FILE).`, {
          cause,
        });
    }
    return key;
  };
}
