// A note of the operator, which becomes a Kubernetes Event.

export interface Note {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly note: string;
}
