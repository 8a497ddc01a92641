// Two legacy systems, each behind a Strangler, and one new side between them that both are
// synchronised with, in both directions.

export const LEGACIES = ['a', 'b'] as const;

const strangler = (name: string) => `
---
apiVersion: tenfold.dev/v1alpha1
kind: Strangler
metadata: { name: ${name} }
spec:
  legacy: { url: "http://${name}.example" }
  basePath: /${name}
  features:
    - name: orders
      match: { path: /orders/* }
      to: { url: "http://new.example" }
      sync: { topic: changed, to: { url: "http://${name}.example" } }
---
apiVersion: tenfold.dev/v1alpha1
kind: Topic
metadata: { name: ${name}.changes }
spec: { partitions: 2 }
---
apiVersion: tenfold.dev/v1alpha1
kind: Subscription
metadata: { name: from-${name} }
spec: { topic: ${name}.changes, to: { url: "http://new.example" }, from: earliest }
`;

export const APP = `apiVersion: tenfold.dev/v1alpha1
kind: Topic
metadata: { name: changed }
spec: { partitions: 2 }
${LEGACIES.map(strangler).join('')}`;
