// Embedded Temporal: the ways to a server, in the order they are tried. Promises the first way that works, and when
// none does, one error that names them all with the reason each did not.
import { execFileSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { temporalServerVersion } from './settings.js';

export interface ServerPrograms {
  readonly server: string;
  readonly sqlTool: string;
}

export interface SourceSurvey {
  /** TEMPORAL_ADDRESS, when it was given. */
  readonly address?: string;
  /** Server programs in the user's cache. */
  readonly cached?: ServerPrograms;
  readonly go?: { readonly program: string; readonly version: string; readonly recentEnough: boolean };
  readonly temporal?: { readonly program: string; readonly version: string };
}

export interface SurveyOptions {
  readonly address?: string | undefined;
  readonly cacheRoot: string;
  /** The PATH to look along. */
  readonly searchPath: string;
}

export const requiredGo = '1.26.8';

export class NoTemporalServerError extends Error {
  constructor(reasons: readonly string[]) {
    super(
      [
        'No way to a Temporal server works on this machine. Any one of these does:',
        '  1. TEMPORAL_ADDRESS=host:port of a running server, 1.32 or newer',
        `  2. Go ${requiredGo} or newer on PATH (builds the server once, takes minutes)`,
        '  3. the `temporal` program on PATH (https://docs.temporal.io/cli)',
        '  4. access to temporal.download, from where the SDK fetches that program by itself',
        'What was tried:',
        ...reasons.map((reason) => `  - ${reason}`),
      ].join('\n'),
    );
    this.name = 'NoTemporalServerError';
  }
}

export function serverCacheFolder(cacheRoot: string): string {
  return join(cacheRoot, `temporal-server-${temporalServerVersion}`);
}

/** Looks, starts nothing. */
export function surveySources(options: SurveyOptions): SourceSurvey {
  const folder = serverCacheFolder(options.cacheRoot);
  const programs = { server: join(folder, 'temporal-server'), sqlTool: join(folder, 'temporal-sql-tool') };
  const go = findOnPath('go', options.searchPath);
  const goVersion = go === undefined ? undefined : versionOf(go, ['env', 'GOVERSION'], /go(\d+\.\d+(?:\.\d+)?)/);
  const temporal = findOnPath('temporal', options.searchPath);
  const version = temporal === undefined ? undefined : versionOf(temporal, ['--version'], /([\s\S]+)/);
  return {
    ...(options.address === undefined ? {} : { address: options.address }),
    ...(isExecutable(programs.server) && isExecutable(programs.sqlTool) ? { cached: programs } : {}),
    ...(go === undefined || goVersion === undefined
      ? {}
      : { go: { program: go, version: goVersion, recentEnough: atLeast(goVersion, requiredGo) } }),
    ...(temporal === undefined || version === undefined ? {} : { temporal: { program: temporal, version } }),
  };
}

export function atLeast(version: string, minimum: string): boolean {
  const [have, need] = [version, minimum].map((text) => text.split('.').map(Number));
  for (let i = 0; i < 3; i += 1) {
    const difference = (have?.[i] ?? 0) - (need?.[i] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}

export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function findOnPath(name: string, searchPath: string): string | undefined {
  return searchPath
    .split(delimiter)
    .filter((folder) => folder !== '' && !folder.includes('node_modules'))
    .map((folder) => join(folder, name))
    .find(isExecutable);
}

function versionOf(program: string, args: readonly string[], pattern: RegExp): string | undefined {
  try {
    const text = execFileSync(program, args, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: 20_000,
    });
    return pattern.exec(text.trim())?.[1];
  } catch {
    return undefined;
  }
}
