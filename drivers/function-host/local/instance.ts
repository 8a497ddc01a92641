// One running copy of a function as its pool sees it; how it is started is the launcher's business.

export interface LoadFailure {
  readonly message: string;
  readonly stack?: string;
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  /** True where another process of the same code takes its place at once. */
  readonly replaced?: boolean;
}

export interface InstanceListener {
  /** It answers at `origin` from now on. */
  ready(origin: string): void;
  /** It will never answer; sent at most once, and only before `ready`. */
  failed(failure: LoadFailure): void;
  /** Local modules it has loaded, absolute paths; sent again whenever there are more. */
  loaded(files: readonly string[]): void;
  /** The process is gone. `reason` says how, e.g. `exit code 1`. Always sent, last. */
  exited(reason: string): void;
}

export interface LocalInstance {
  /** Asks it to finish what it works on and end; ends it by force after `graceMs`. */
  stop(graceMs: number): void;
}

export type Launcher = (listener: InstanceListener) => LocalInstance;
