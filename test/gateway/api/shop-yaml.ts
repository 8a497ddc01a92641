// An Api in front of one function, as text, for tests that change one thing about it.

/** `spec`: further members of the Api's spec, each line indented by two. */
export function shopYaml(
  spec: string,
  routes = '    - { match: { path: /orders }, to: { function: orders } }',
  name = 'shop',
) {
  return `
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: ${name} }
spec:
${spec}
  routes:
${routes}
`;
}

export const ordersYaml = `
---
apiVersion: tenfold.dev/v1alpha1
kind: Function
metadata: { name: orders }
spec: { url: http://orders.example }
`;
