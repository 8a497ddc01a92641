// Callers of the admin API in a cluster: those whom its API server knows, with the rights of its
// roles.
import type { Authenticator } from '../../admin/access/authenticator.ts';
import type { Reviews } from '../../k8s/access/reviews.ts';

export function kubernetesAuthenticator(reviews: Reviews): Authenticator {
  return {
    takes: 'a token of the Kubernetes cluster',
    async identify({ token, request }) {
      if (token === undefined) return undefined;
      const identity = await reviews.whoIs(token, request.socket.remoteAddress ?? '');
      return (
        identity && {
          name: `kubernetes ${identity.username}`,
          may: (verb, namespace) => reviews.may(identity, verb, namespace),
        }
      );
    },
  };
}
