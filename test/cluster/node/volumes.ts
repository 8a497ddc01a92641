// Volumes of the node's own disk, as somebody who runs machines of their own offers them: made beforehand, in a class that claims get by default.
import { randomUUID } from 'node:crypto';
import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Node } from './node.ts';
import { NODE_NAME } from './parts.ts';

const CLASS = {
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name: 'disk', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
  provisioner: 'kubernetes.io/no-provisioner',
  volumeBindingMode: 'WaitForFirstConsumer',
};

/** One more that some claim may get. */
export async function offerVolume(node: Node): Promise<void> {
  const name = `disk-${randomUUID().slice(0, 8)}`;
  const path = join(node.folder, 'volumes', name);
  await mkdir(path, { recursive: true });
  // Whose group it is, the kubelet sets; the folders above must let pods through.
  await chmod(node.folder, 0o711);
  const volume = {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name },
    spec: {
      capacity: { storage: '10Gi' },
      accessModes: ['ReadWriteOnce'],
      persistentVolumeReclaimPolicy: 'Retain',
      storageClassName: CLASS.metadata.name,
      local: { path },
      nodeAffinity: {
        required: {
          nodeSelectorTerms: [
            { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [NODE_NAME] }] },
          ],
        },
      },
    },
  };
  for (const object of [CLASS, volume]) await node.kubectl(['apply', '-f', '-'], JSON.stringify(object));
}
