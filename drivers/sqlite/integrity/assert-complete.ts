// Refuses a database of which acknowledged commits are missing, before it is opened for writing:
// that would finish off what is left of them.
import { DatabaseSync } from 'node:sqlite';
import { TenfoldError } from '../../../core/errors.ts';
import { pathOf, readAcknowledged } from './acknowledged.ts';
import { type WalDamage, walkWal } from './wal.ts';

export function assertComplete(file: string): void {
  const acknowledged = readAcknowledged(file);
  const damage = walkWal(`${file}-wal`)?.damage;
  // A single commit behind the damage may be the one that was being written when the power went;
  // what was acknowledged decides.
  if (damage && (damage.laterCommits > 1 || acknowledged === undefined)) throw damagedWal(file, damage);
  if (acknowledged === undefined) return;
  const commits = countCommits(file);
  if (commits >= acknowledged) return;
  if (damage) throw damagedWal(file, damage);
  throw new TenfoldError(
    'data-corrupt',
    `${file} ends at commit ${commits}, but commit ${acknowledged} was acknowledged: the last ones in ${file}-wal are damaged, or that file is missing or from another time. ` +
      `Nothing was changed. Run \`tenfold doctor\` on it; if you put back a backup on purpose, remove ${pathOf(file)}.`,
  );
}

function damagedWal(file: string, { offset, laterCommits }: WalDamage): TenfoldError {
  const lost = laterCommits === 0 ? 'what is in it' : `${laterCommits} commits behind that place`;
  return new TenfoldError(
    'data-corrupt',
    `${file}-wal is damaged at byte ${offset}: SQLite would drop ${lost} without a word. Nothing was changed. Run \`tenfold doctor\` on ${file}: it can salvage what is readable.`,
  );
}

/** As SQLite finds it; the connection cannot write, so that the WAL stays as it is. */
function countCommits(file: string): number {
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    const table = db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'tenfold_commits'").get();
    return table ? Number(db.prepare('SELECT commits FROM tenfold_commits').get()?.['commits'] ?? 0) : 0;
  } finally {
    db.close();
  }
}
