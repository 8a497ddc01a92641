// A condition as the admin API shows it.

/** One observation of a resource, in the shape of a Kubernetes condition. */
export interface Condition {
  /**
   * `Accepted`: what is written is in force. `Ready`: it answers or works now. `Healthy`: nothing
   * is wrong with its work. The others come from a cluster, and only while they are True.
   */
  readonly type: 'Accepted' | 'Ready' | 'Healthy' | 'Degraded' | 'Stalled';
  readonly status: 'True' | 'False' | 'Unknown';
  /** One CamelCase word for programs, of `resources/reasons.ts`. */
  readonly reason: string;
  /** One or two sentences for people. */
  readonly message: string;
}
