// The address and credentials for the API server: of the pod that this runs in, or of a kubeconfig.

export interface ClusterAccess {
  /** Such as `https://10.96.0.1:443`. */
  readonly server: string;
  /** PEM; without it those that Node trusts. */
  readonly ca?: string | undefined;
  /** PEM. */
  readonly clientCertificate?: { readonly cert: string; readonly key: string } | undefined;
  /** Name that the server's certificate has to be for, when not that of the address. */
  readonly serverName?: string | undefined;
  readonly insecureSkipTlsVerify?: boolean | undefined;
  /** Namespace that is meant where none is named. */
  readonly namespace: string;
  /** The context of the kubeconfig that was taken; undefined in a pod. */
  readonly context?: string | undefined;
  /** That this runs in, where it says so. */
  readonly pod?: { readonly name: string; readonly uid: string } | undefined;
  /** The bearer token to use now; tokens of pods are replaced every hour. */
  token?(): Promise<string | undefined>;
}
