// A service that was started for tests.

export interface StartedService {
  readonly url: string;
  stop(): Promise<void>;
}
