// The node that tests have, for a measurement.
import { type Node, startNode } from '../../../test/cluster/node/node.ts';
import { whatIsMissing } from '../../../test/cluster/node/shared-node.ts';

export async function openNode(): Promise<Node> {
  const missing = whatIsMissing();
  if (missing !== undefined) throw new Error(`No node of Kubernetes can be started here: ${missing}`);
  return await startNode();
}
