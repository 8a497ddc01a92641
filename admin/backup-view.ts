// The reports of the admin API on a back-up that is made while the platform runs.
import { TenfoldError } from '../core/errors.ts';

export interface BackupRequest {
  /** Absolute path, on the machine of the platform, of a folder that is not there yet. */
  readonly to: string;
  /** At most so many bytes a second. Default 64 MiB. */
  readonly bytesPerSecond?: number | undefined;
}

export type BackupLine =
  | { readonly kind: 'copying'; readonly bytes: number; readonly of: number }
  /** The copied database is read and checked. `rows`: so far. */
  | { readonly kind: 'checking'; readonly rows: number }
  | { readonly kind: 'copying-objects'; readonly objects: number; readonly bytes: number }
  | {
      readonly kind: 'done';
      readonly to: string;
      readonly at: number;
      readonly databaseBytes: number;
      readonly objects: number;
      readonly objectBytes: number;
      /** Damage that the original had. */
      readonly problems: readonly string[];
      /** The parts that services keep, which are not in it. */
      readonly without: readonly string[];
    };

export interface BackupControl {
  /**
   * Throws `invalid-input`, `conflict`, `unsupported`, `storage-unusable`. An incomplete back-up is
   * removed when it fails, or when the signal aborts.
   */
  make(request: BackupRequest, signal: AbortSignal): AsyncGenerator<BackupLine>;
}

/** For a platform that keeps nothing on its disk. */
export const noBackup: BackupControl = {
  // biome-ignore lint/correctness/useYield: it has nothing to give.
  async *make() {
    throw new TenfoldError(
      'unsupported',
      'This process keeps nothing on its disk: back up Kafka, Redis, Elasticsearch and S3 with their own means.',
    );
  },
};
