// The one table of exit codes; docs/cli.md repeats it and a test keeps both equal.

export const exitCodes = {
  ok: { code: 0, meaning: 'It worked.' },
  invalid: { code: 1, meaning: 'Resources or input are invalid, or files are in the way.' },
  usage: { code: 2, meaning: 'The command line or the configuration is wrong, or Node.js is too old.' },
  notFound: { code: 3, meaning: 'The requested object does not exist, or no platform answers.' },
  refused: { code: 4, meaning: 'The function or the platform answered 4xx.' },
  failed: { code: 5, meaning: 'The function or the platform answered 5xx, or not in time.' },
  unhealthy: { code: 6, meaning: 'Something is wrong, as "tenfold diagnose" says.' },
  unavailable: { code: 69, meaning: 'It cannot start here, e.g. because a port is taken.' },
  internal: { code: 70, meaning: 'A bug of Tenfold itself.' },
  interrupted: { code: 130, meaning: 'Ended by Ctrl-C before it was done.' },
} as const satisfies Record<string, { readonly code: number; readonly meaning: string }>;

export type ExitName = keyof typeof exitCodes;
