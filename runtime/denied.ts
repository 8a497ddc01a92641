// The permission to declare when Node denies a function something, as its host restricts it.

const HOW: Readonly<Record<string, string>> = {
  FileSystemRead: 'read: [PATH]',
  FileSystemWrite: 'write: [PATH]',
  ChildProcess: 'allow: [childProcesses]',
  WorkerThreads: 'allow: [workers]',
  WASI: 'allow: [wasi]',
  ERR_DLOPEN_DISABLED: 'allow: [addons]',
};

/** Undefined for every error that has nothing to do with permissions, and where there are none. */
export function howToAllow(error: Error): string | undefined {
  if (process.permission === undefined) return undefined;
  const code = 'code' in error ? error.code : undefined;
  const sqlite = code === 'ERR_UNKNOWN_BUILTIN_MODULE' && error.message.endsWith('node:sqlite');
  // Packages say it in words of their own.
  if (error.message.includes('ERR_DLOPEN_DISABLED')) return howTo('allow: [addons]');
  const kind = code === 'ERR_ACCESS_DENIED' && 'permission' in error ? String(error.permission) : String(code);
  const entry = sqlite ? 'allow: [sqlite]' : HOW[kind];
  if (entry === undefined) return undefined;
  const path = 'resource' in error && typeof error.resource === 'string' ? error.resource : '';
  return howTo(entry.replace('PATH', () => path || 'PATH'));
}

function howTo(entry: string): string {
  return `The Function may not do this here. If it should, declare it: permissions: { ${entry} }.`;
}
