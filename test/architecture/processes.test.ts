// Who starts programs and threads in what ships: what runs the code of users gets its variables and
// permissions from one place.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, SHIPPED_FOLDERS, sourceFiles } from './source-files.ts';

/**
 * What each starts. Only the launcher starts what users wrote; who adds a line
 * says which of the two it is.
 */
const STARTERS: Readonly<Record<string, string>> = {
  'drivers/function-host/local/process-launcher.ts': 'functions: the code of users',
  'drivers/sqlite/thread/thread-link.ts': 'our own threads',
  'server/backup/make-backup.ts': 'our own thread',
  'server/tracing/span-exporter.ts': 'our own thread',
  'server/sql/sql-process.ts': 'our own program, without any variable of ours',
  'runtime/load-failure.ts': 'the compiler of Node, from inside a function',
  'k8s/api/kubeconfig.ts': 'what the kubeconfig of a person names, as kubectl does',
  'images/registry/credentials.ts': 'what the configuration of Docker of a person names',
  'cli/main.ts': 'itself, in its place',
};
const LAUNCHER = 'drivers/function-host/local/process-launcher.ts';

const sources = SHIPPED_FOLDERS.flatMap(sourceFiles).map(file => ({
  file,
  text: readFileSync(join(root, file), 'utf8'),
}));
const withThat = (pattern: RegExp) => sources.filter(({ text }) => pattern.test(text)).map(({ file }) => file);

describe('Programs and threads that the platform starts', () => {
  it('are started where it is known what they run', () => {
    const starts =
      /\b(spawn|spawnSync|fork|execFile|execFileSync|execSync|execve)\b\??\.?\(|\bnew Worker\(|\bcluster\.fork\(/;
    const modules = /^import (?!type\b).*'node:(child_process|cluster)'/m;
    const found = new Set([...withThat(starts), ...withThat(modules)]);
    assert.deepEqual([...found].sort(), Object.keys(STARTERS).sort());
  });

  it('of users have the variables and the permissions that one function makes', () => {
    const launcher = sources.find(({ file }) => file === LAUNCHER)?.text ?? '';
    assert.equal(launcher.match(/\bspawn\(/g)?.length, 1);
    assert.match(
      launcher,
      /spawn\(program, \[\.\.\.options\.flags\(\), \.\.\.args, file, \.\.\.more\], \{[^}]*\benv: functionEnvironment\(/,
    );
    assert.deepEqual(withThat(/\bcreateProcessLauncher\(/), ['drivers/function-host/local/local-host.ts', LAUNCHER]);
    assert.deepEqual(withThat(/\bstartRuntime\(/), ['drivers/function-host/local/ask-routes.ts', LAUNCHER]);
    assert.deepEqual(withThat(/\bcreateLocalHost\(/), [
      'drivers/function-host/local/local-host.ts',
      'server/functions/local-functions.ts',
    ]);
    const functions = sources.find(({ file }) => file === 'server/functions/local-functions.ts')?.text ?? '';
    assert.match(functions, /flags: definition => permissionFlags\(reach\(definition\)\)/);
    const asked = sources.find(({ file }) => file === 'server/functions/routes-of-functions.ts')?.text ?? '';
    assert.match(asked, /return outermost\(reach\(definition\)\.read\);/);
    assert.match(asked, /flags: \(\) => permissionFlags\(\{ read: [^,]*, write: \[\], allow: \[\] \}\)/);
  });

  it('inherit nothing as a whole', () => {
    assert.deepEqual(withThat(/\.\.\.process\.env\b/), []);
  });

  it('are the only place of modules that users wrote', () => {
    const computed = /(?<![\w.])import\((?!\s*['"])/;
    const inCode = ({ text }: { text: string }) => computed.test(text.replace(/^\s*(\/\/|\*|\/\*).*$/gm, ''));
    assert.deepEqual(
      sources.filter(inCode).map(({ file }) => file),
      ['runtime/load-function.ts'],
    );
  });
});
