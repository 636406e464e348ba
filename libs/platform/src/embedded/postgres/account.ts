// Embedded Postgres: the system user it runs as. Promises that root never runs it as root (it would refuse), and that
// an ordinary user runs it as himself.
import { execFileSync, spawnSync } from 'node:child_process';

export interface SystemAccount {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** Undefined means: as whoever runs us. */
export function postgresAccount(report: (line: string) => void): SystemAccount | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const existing = account('postgres');
  if (existing !== undefined && existing.uid !== 0) return existing;
  const created = createPostgresUser();
  if (created !== undefined) {
    report('Postgres refuses to run as root: created the system user "postgres" for it');
    return created;
  }
  for (const name of ['nobody', 'daemon']) {
    const other = account(name);
    if (other !== undefined && other.uid !== 0) {
      report(`Postgres refuses to run as root: it runs as "${name}", since the user "postgres" could not be created`);
      return other;
    }
  }
  throw new Error(
    'Postgres refuses to run as root, and this machine has no other user for it. ' +
      'Create one (`useradd --system postgres`), run as an ordinary user, or set DATABASE_URL.',
  );
}

/** True when that user may enter the folder and, as asked, execute or write there. */
export function canReach(who: SystemAccount, path: string, need: 'read' | 'write'): boolean {
  const test = need === 'write' ? '-w' : '-r';
  const result = spawnSync('/bin/sh', ['-c', `test -x "$0" && test ${test} "$0"`, path], {
    cwd: '/',
    env: {},
    uid: who.uid,
    gid: who.gid,
    stdio: 'ignore',
  });
  return result.status === 0;
}

function createPostgresUser(): SystemAccount | undefined {
  const ways: readonly (readonly [string, readonly string[]])[] = [
    ['useradd', ['--system', '--user-group', '--no-create-home', '--shell', '/bin/false', 'postgres']],
    ['adduser', ['-S', '-D', '-H', 'postgres']],
  ];
  for (const [command, args] of ways) {
    const result = spawnSync(command, args, { stdio: 'ignore' });
    if (result.status === 0) return account('postgres');
  }
  return undefined;
}

function account(name: string): SystemAccount | undefined {
  try {
    const [uid, gid] = ['-u', '-g'].map((flag) =>
      Number(execFileSync('id', [flag, name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })),
    );
    if (uid === undefined || gid === undefined || Number.isNaN(uid) || Number.isNaN(gid)) return undefined;
    return { name, uid, gid };
  } catch {
    return undefined;
  }
}
