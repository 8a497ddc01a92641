// What an account may do in a namespace, as the API server itself says.
import type { Node } from './node.ts';

const REVIEWS = '/apis/authorization.k8s.io/v1/subjectaccessreviews';

/** `what`: GROUP/RESOURCE, or GROUP/RESOURCE/SUBRESOURCE. */
export function rightsOf(node: Node, user: string, namespace: string) {
  return async (verb: string, what: string): Promise<boolean> => {
    const [group = '', resource = '', subresource] = what.split('/');
    const spec = { user, resourceAttributes: { namespace, verb, group, resource, subresource } };
    const review = { apiVersion: 'authorization.k8s.io/v1', kind: 'SubjectAccessReview', spec };
    return (await node.client.request('POST', REVIEWS, review)).body.status.allowed;
  };
}
