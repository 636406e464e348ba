// Tidy room. What no file may say, and what to say instead. Patterns are spelt so that they do not match themselves.
export interface Ban {
  readonly pattern: RegExp;
  readonly instead: string;
  /** True for the files the ban holds in. */
  readonly holdsIn: (path: string) => boolean;
}

export const isCode = (path: string): boolean => /\.(ts|tsx|js|mjs|cjs)$/.test(path);
export const isSpec = (path: string): boolean => /\.spec\.ts$/.test(path);
const isConfig = (path: string): boolean => /^[^/]+\.(js|cjs|mjs)$/.test(path);
/** The starting points: programs, and the file that npm scripts run before anything is installed or built. */
const readsEnvironment = (path: string): boolean =>
  /^(?:apps\/[^/]+\/src\/main\.ts|apps\/cli\/bootstrap\.mjs|bench\/main\.ts|test\/harness\/.*)$/.test(path);
const isRule = (path: string): boolean => path.startsWith('test/tidy/') || path === 'docs/RULES.md';
const isText = (path: string): boolean => !/\.(png|jpe?g|ico|gz|woff2?)$/.test(path);
const isOurs = (path: string): boolean => isText(path) && path !== 'package-lock.json';

const code = (path: string): boolean => isCode(path) && !isConfig(path) && !isRule(path);

/** Held in code only: comment lines may speak of what they forbid. */
export const CODE_BANS: readonly Ban[] = [
  {
    pattern: /\bconsole\./,
    instead: 'the logger of platform; only apps/cli prints',
    holdsIn: (path) => code(path) && !path.startsWith('apps/cli/'),
  },
  {
    pattern: /\bprocess\.env\b|\bprocess\[['"]env/,
    instead: 'the config parsed in main.ts, taken as an argument',
    holdsIn: (path) => code(path) && !readsEnvironment(path),
  },
  {
    pattern: /\bparseFloat\(/,
    instead: 'the codec in domain/amounts (money), or Number() after a check (all else)',
    holdsIn: code,
  },
  { pattern: /\.toNumber\(/, instead: 'bigint all the way; the codec in domain/amounts at the edges', holdsIn: code },
  {
    pattern: /\b(?:Number|parseInt)\([^)]*(?:microcredits|credits|amount)/i,
    instead: 'BigInt or the codec in domain/amounts: money is never a number',
    holdsIn: code,
  },
  {
    pattern: /\bJSON\.parse\([^)]*(?:microcredits|credits|amount)/i,
    instead: 'the codec in domain/amounts: JSON numbers are floats',
    holdsIn: code,
  },
  {
    pattern:
      /\b(?:it|test|describe)(?:\.each)?\.(?:skip|only|todo|failing)\b|\b(?:xit|fit|xdescribe|fdescribe|xtest)\(/,
    instead: 'a test that runs, or none',
    holdsIn: (path) => isSpec(path) && !isRule(path),
  },
  {
    pattern: /\bjest\.(?:mock|unstable_mockModule|setTimeout|retryTimes)\(/,
    instead: 'the real thing, or a strict scripted fake of the outside world; no longer waiting and no second try',
    holdsIn: (path) => isSpec(path) && !isRule(path),
  },
  {
    pattern: /@ts-(?:ignore|nocheck)\b/,
    instead: 'a type that fits; in a type test the expected-error form',
    holdsIn: (path) => isCode(path) && !isRule(path),
  },
  {
    pattern: /\bsynchronize:\s*true\b/,
    instead: 'a migration',
    holdsIn: code,
  },
];

/** Held in every line of every tracked file. */
export const TEXT_BANS: readonly Ban[] = [
  {
    pattern: /\b(?:TO[D]O|FIX[M]E|X[X]X|HA[C]K)\b/,
    instead: 'doing it now, or leaving it out of the sources',
    holdsIn: (path) => isOurs(path),
  },
  {
    pattern: /(?:^|[\s'"`(=:<])\/(?:work|root|home|Users|mnt|workspace)\/[\w.-]/,
    instead: 'a path relative to the repository',
    holdsIn: (path) => isOurs(path),
  },
  {
    pattern:
      /registry\.(?:npmjs|yarnpkg|npmmirror)\.|\b(?:artifactor[y]|verdacci[o]|jfro[g])\b|\bproxy\.golang\.|goproxy\./i,
    instead: 'nothing: the machine that installs names its own registry',
    holdsIn: isText,
  },
  {
    pattern: /"resolved":\s*"(?:https?|git|file):/,
    instead: 'omit-lockfile-registry-resolved=true in .npmrc, then npm install',
    holdsIn: (path) => path === 'package-lock.json',
  },
  {
    pattern: /\bissue\s#?\d|\.\.\/share[d]\/|\banchor[s]\/|\b(?:design|requirements)\.m[d]\b|\bCo-Authored-B[y]:/i,
    instead: 'words about the product; the repository does not speak of how it was made',
    holdsIn: (path) => isOurs(path),
  },
];

const COMMENT_LINE = /^\s*(?:\/\/|\/?\*)/;

/** One line per breach: where, what, and what to use instead. */
export function breaches(
  bans: readonly Ban[],
  file: { readonly path: string; readonly source: string; readonly commentsToo: boolean },
): string[] {
  const { path, source, commentsToo } = file;
  const held = bans.filter((ban) => ban.holdsIn(path));
  if (held.length === 0) return [];
  return source.split('\n').flatMap((line, index) => {
    if (!commentsToo && COMMENT_LINE.test(line)) return [];
    return held
      .filter((ban) => ban.pattern.test(line))
      .map((ban) => `${path}:${index + 1} says ${ban.pattern.exec(line)?.[0].trim() ?? ''} | use ${ban.instead}`);
  });
}
