// The node that test files share: started once for those that use it, where this machine can have
// one, and said loudly where not.
import { existsSync } from 'node:fs';
import { isCommand } from '../../services/service.ts';
import { shareBetweenFiles } from '../../share-between-files.ts';
import { BUILD_AND_START_MS } from '../installed-crds.ts';
import { type Node, startNode } from './node.ts';

const PROGRAMS = ['containerd', 'ctr', 'runc', 'iptables', 'conntrack', 'ip', 'unshare', 'nsenter', 'flock', 'go'];
const PLUGINS = ['/usr/lib/cni/bridge', '/opt/cni/bin/bridge'];

export interface SharedNode {
  /** Once the tests run. */
  node(): Node;
}

let shared: (SharedNode & { used(): void }) | undefined;

/**
 * To be called when a test file loads. Undefined: its tests are not to be defined, which has been
 * told; where `CI` is set that is an error.
 */
export function findNode(): SharedNode | undefined {
  const missing = whatIsMissing();
  if (missing !== undefined) {
    const what = `Tests on a node of Kubernetes cannot run: ${missing}`;
    if (process.env['CI']) throw new Error(what);
    process.stderr.write(`\n!! SKIPPED. ${what}\n\n`);
    return undefined;
  }
  shared ??= shareNode();
  shared.used();
  return shared;
}

/** In words, with what to do about it. */
export function whatIsMissing(): string | undefined {
  if (process.platform !== 'linux') return 'they need Linux.';
  if (process.getuid?.() !== 0) return 'they need root, as a kubelet mounts and makes cgroups and namespaces.';
  const missing = PROGRAMS.filter(program => !isCommand(program));
  if (!PLUGINS.some(existsSync)) missing.push("CNI's plugins");
  return missing.length === 0
    ? undefined
    : `${missing.join(', ')} not found (make install-services; Go: 1.26 or later).`;
}

function shareNode(): SharedNode & { used(): void } {
  let node: Node | undefined;
  const used = shareBetweenFiles({
    name: 'the node',
    // It may have to wait for the node of another run.
    startWithinMs: 2 * BUILD_AND_START_MS,
    async start() {
      node = await startNode();
    },
    async stop() {
      const ended = node;
      node = undefined;
      await ended?.close();
    },
  });
  return {
    used,
    node() {
      if (!node) throw new Error('The node does not run; ask when tests run, in a file that finds it.');
      return node;
    },
  };
}
